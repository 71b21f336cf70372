/**
 * Tells simulated machines where bytes have moved to. Import it before anything of Lethe, which takes
 * `ArrayBuffer.prototype.transfer` once, when it is loaded.
 */
const { transfer } = ArrayBuffer.prototype;
const FOLLOWERS = new WeakMap<ArrayBuffer, (moved: ArrayBuffer) => void>();

ArrayBuffer.prototype.transfer = function (this: ArrayBuffer, ...length: [number?]): ArrayBuffer {
  const moved = Reflect.apply(transfer, this, length);
  FOLLOWERS.get(this)?.(moved);
  return moved;
};

/** Calls `moved` whenever the bytes of `buffer` get another buffer, with that. */
export function follow(buffer: ArrayBuffer, moved: (buffer: ArrayBuffer) => void): void {
  FOLLOWERS.set(buffer, (next) => {
    moved(next);
    follow(next, moved);
  });
}
