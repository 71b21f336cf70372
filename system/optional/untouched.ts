import * as nodeModule from "node:module";
import { bare } from "../../core/arguments/own.ts";
import { LetheError } from "../../core/contract/errors.ts";

/**
 * Calls `action` while `Object.prototype` has nothing but what ECMAScript puts there (ECMA-262, 20.1.3 and
 * B.2.2).
 *
 * A loader of somebody else reads its options from an object literal, and so from `Object.prototype` what it
 * was not given: a bug elsewhere in the program (prototype pollution) named the file that was loaded as
 * sodium-native, and any name there that can be enumerated kept koffi from loading. What was added is set
 * aside and put back as it was; no getter is called.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` where something was added that cannot be set aside
 */
export function withUntouchedPrototypes<T>(action: () => T): T {
  const aside: Aside[] = [];
  try {
    for (const prototype of prototypes()) setAside(prototype, aside);
    return action();
  } finally {
    for (const { prototype, key, descriptor } of aside) {
      Object.defineProperty(prototype, key, descriptor);
    }
  }
}

interface Aside {
  readonly prototype: object;
  readonly key: PropertyKey;
  readonly descriptor: PropertyDescriptor;
}

/** That of this realm, and that of the loader: in a vm context, as of jest, they are two. */
function prototypes(): ReadonlySet<object> {
  const ofLoader = Object.getPrototypeOf(Object.getPrototypeOf(nodeModule.createRequire));
  return new Set([Object.prototype, ofLoader ?? Object.prototype]);
}

function setAside(prototype: object, aside: Aside[]): void {
  for (const key of Reflect.ownKeys(prototype)) {
    if (typeof key === "string" && INTRINSIC.has(key)) continue;
    const descriptor = bare(Object.getOwnPropertyDescriptor(prototype, key) as PropertyDescriptor);
    if (!Reflect.deleteProperty(prototype, key)) throw immovable(key);
    aside.push({ prototype, key, descriptor });
  }
}

function immovable(key: PropertyKey): LetheError {
  return new LetheError(
    "ERR_LETHE_UNAVAILABLE",
    `Cannot load native module: Object.prototype has a property ${String(key)} that cannot be set aside, and the module's loader would read it; find what put it there, or open secrets before that`,
  );
}

const INTRINSIC: ReadonlySet<string> = new Set([
  "__defineGetter__",
  "__defineSetter__",
  "__lookupGetter__",
  "__lookupSetter__",
  "__proto__",
  "constructor",
  "hasOwnProperty",
  "isPrototypeOf",
  "propertyIsEnumerable",
  "toLocaleString",
  "toString",
  "valueOf",
]);
