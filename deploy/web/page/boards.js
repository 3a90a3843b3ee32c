// The boards to choose from, and the chosen one: the part of the address after #/.

// The API's rule for names.
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

  // offered are the boards of the configuration. Boards that were opened before are offered too.
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
      if (!pattern.test(name)) return tell('The name of a board has 1 to 63 characters: a to z, 0 to 9, and hyphens, but not at either end.');
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

// A browser may refuse storage to a page.
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
  } catch { /* the boards are not remembered */ }
}
