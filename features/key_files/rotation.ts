import { destroyKey } from "./destroy_key.ts";
import type { KeyOf, KeyShape } from "./key_shape.ts";

/** The old and the new key of a rotation. `destroy` takes both. */
export interface Rotation<S extends KeyShape> extends Disposable {
  /** The key that was in the file before. */
  readonly previous: KeyOf<S>;
  /** The key that is in the file now. */
  readonly current: KeyOf<S>;
}

/** Both keys of a rotation, which end together. */
export function rotation<S extends KeyShape>(previous: KeyOf<S>, current: KeyOf<S>): Rotation<S> {
  return Object.freeze({
    previous,
    current,
    [Symbol.dispose]: () => destroyKey([previous, current]),
  });
}
