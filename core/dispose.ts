import { bare } from "./arguments/own.ts";

/**
 * Gives a class the method that `using` calls, where the runtime has a name for it: in older browsers
 * `[Symbol.dispose]() {}` would make a property called "undefined". A polyfill counts when it was
 * loaded before Lethe.
 */
export function disposable<T extends object>(
  type: { readonly prototype: T },
  dispose: (object: T) => void,
): void {
  const name = (Symbol as { readonly dispose?: symbol }).dispose;
  if (name === undefined) return;
  const method = {
    value(this: T) {
      dispose(this);
    },
    configurable: true,
    writable: true,
  };
  Object.defineProperty(type.prototype, name, bare(method));
}
