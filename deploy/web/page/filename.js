// The name of a file, as the API takes it.

const longest = 255; // bytes in UTF-8
const control = /[\p{Cc}\u2028-\u202e\u2066-\u2069\ufeff]/gu; // also what changes the direction of text

// sendable returns the name without control characters and cut to what the API takes, or undefined if nothing is left.
export function sendable(name) {
  const encoder = new TextEncoder();
  let kept = '', bytes = 0;
  for (const character of name.replace(control, '')) {
    bytes += encoder.encode(character).length;
    if (bytes > longest) break;
    kept += character;
  }
  return kept || undefined;
}
