// Figures of the system, if config.json says where they are. They are not part of the API.

const interval = 2000; // milliseconds

const number = (n, digits) => n.toLocaleString(undefined, { maximumFractionDigits: digits });
const format = {
  queue: (n) => number(n, 0),
  inFlight: (n) => number(n, 0),
  photosPerSecond: (n) => number(n, n < 10 ? 1 : 0),
  medianSeconds: (n) => `${number(n, n < 10 ? 1 : 0)} s`,
  workers: (n) => number(n, 0),
};

// showSystem updates the figures while the page is visible.
export function showSystem(strip, url) {
  const ask = async () => {
    if (document.hidden) return;
    let state = {};
    try {
      const answer = await fetch(url, { cache: 'no-store', signal: AbortSignal.timeout(5000) });
      if (answer.ok) state = await answer.json();
    } catch { /* shown as unknown */ }
    for (const dd of strip.querySelectorAll('[data-of]')) {
      const n = state[dd.dataset.of];
      dd.textContent = n === null || n === undefined ? '–' : format[dd.dataset.of](n);
      const { one, many } = dd.previousElementSibling.dataset;
      if (one) dd.previousElementSibling.textContent = n === 1 ? one : many;
    }
    strip.hidden = false;
  };
  const loop = async () => {
    await ask();
    setTimeout(loop, interval);
  };
  document.addEventListener('visibilitychange', ask);
  loop();
}
