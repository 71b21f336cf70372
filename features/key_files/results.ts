import { destroyKey } from "./destroy_key.ts";
import type { Rotation } from "./key_files.ts";
import { bytesOf, type KeyOf, type KeyShape, typeOf } from "./key_shape.ts";
import type { SealedHeader } from "./sealed_format.ts";

/** What a sealed file says of a key of this shape. */
export function headerOf(shape: KeyShape): Omit<SealedHeader, "cost"> {
  return { type: typeOf(shape), keyBytes: bytesOf(shape) };
}

/** Both keys of a rotation, which end together. */
export function rotation<S extends KeyShape>(previous: KeyOf<S>, current: KeyOf<S>): Rotation<S> {
  return Object.freeze({
    previous,
    current,
    [Symbol.dispose]: () => destroyKey([previous, current]),
  });
}
