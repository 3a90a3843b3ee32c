// Proof Key for Code Exchange with S256: https://www.rfc-editor.org/rfc/rfc7636

// secret returns 256 random bits as 43 characters, for a code verifier or a state.
export const secret = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

// challenge promises the code challenge of a verifier.
export async function challenge(verifier) {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))));
}

const base64url = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
