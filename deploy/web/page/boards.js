// Which boards there are to choose from, and which one is chosen: the part of the address after #/.

// As the API has it.
const pattern = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

const remembered = 'darkroom-boards';
const mostRemembered = 6;

// chosen is the board that the address names, or undefined.
export function chosen() {
  const name = location.hash.startsWith('#/') ? location.hash.slice(2) : '';
  return pattern.test(name) ? name : undefined;
}

export const hash = (board) => `#/${board}`;

export class Choice {
  #list;
  #offered;

  // offered are boards of the configuration. Those that a person has opened are offered again.
  constructor(list, form, offered) {
    this.#list = list;
    this.#offered = offered;
    const input = form.querySelector('input'), fault = form.querySelector('.fault');
    const tell = (text) => {
      fault.textContent = text;
      fault.hidden = !text;
      input.setAttribute('aria-invalid', String(!!text));
    };
    input.addEventListener('input', () => tell(''));
    input.addEventListener('blur', () => tell(''));
    form.addEventListener('submit', (e) => {
      e.preventDefault();
      const name = input.value.trim().toLowerCase();
      if (!pattern.test(name)) return tell('A board is named with a to z, 0 to 9 and hyphens between them, 63 at most.');
      input.value = '';
      location.hash = hash(name);
    });
  }

  show(current) {
    const opened = recall().filter((b) => !this.#offered.includes(b) && b !== current);
    if (current && !this.#offered.includes(current)) opened.unshift(current);
    remember(opened.slice(0, mostRemembered));
    this.#list.replaceChildren(...[...this.#offered, ...opened].map((name) => {
      const a = document.createElement('a');
      a.href = hash(name);
      a.textContent = name;
      if (name === current) a.setAttribute('aria-current', 'page');
      const li = document.createElement('li');
      li.append(a);
      return li;
    }));
    this.#list.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }
}

// A browser may keep a page from remembering anything.
function recall() {
  try {
    return JSON.parse(localStorage.getItem(remembered) ?? '[]').filter((b) => pattern.test(b));
  } catch {
    return [];
  }
}

function remember(names) {
  try {
    localStorage.setItem(remembered, JSON.stringify(names));
  } catch { /* then not */ }
}
