// Counts of the photos that were added on this page, by state. Each change costs the same whatever the number of
// photos.

const moving = ['waiting', 'uploading', 'queued', 'processing'];
const over = ['ready', 'rejected', 'refused'];

// Part of the work on a photo that is done once it is sent.
const sending = 0.8;

const share = ({ state, sent = 0 }) => (over.includes(state) ? 1 : sent * sending);

// Tally counts a round: it begins with the first photo that is added while no other is on its way.
export class Tally {
  #counted = new Map(); // photo -> {state, sent} as counted
  #counts = new Map(); // state -> photos
  #done = 0;

  get total() { return this.#counted.size; }

  // done returns the part of the work that is done, 0 to 1.
  get done() { return this.total ? this.#done / this.total : 0; }

  get moving() { return this.count(...moving); }

  // count returns how many photos are in one of the states.
  count(...states) { return states.reduce((sum, state) => sum + (this.#counts.get(state) ?? 0), 0); }

  // photos returns the photos in a state.
  photos(state) { return [...this.#counted.keys()].filter((p) => p.state === state); }

  // put counts a photo that is new or has changed. It returns the state if the photo has just reached its last one.
  put(photo) {
    const was = this.#counted.get(photo);
    if (!was) {
      if (!photo.added || !moving.includes(photo.state)) return undefined;
      if (this.moving === 0) this.clear();
    }
    this.#add(was, -1);
    const now = { state: photo.state, sent: photo.sent };
    this.#counted.set(photo, now);
    this.#add(now, 1);
    return was && moving.includes(was.state) && !moving.includes(now.state) ? now.state : undefined;
  }

  drop(photo) {
    this.#add(this.#counted.get(photo), -1);
    this.#counted.delete(photo);
  }

  clear() {
    this.#counted.clear();
    this.#counts.clear();
    this.#done = 0;
  }

  #add(counted, n) {
    if (!counted) return;
    this.#counts.set(counted.state, (this.#counts.get(counted.state) ?? 0) + n);
    this.#done += n * share(counted);
  }
}
