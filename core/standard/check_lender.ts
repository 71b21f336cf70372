/** A rule of {@link StandardSecretV1} that an object breaks. */
export interface LenderFault {
  /** The rule: `LENDER-1` to `LENDER-8`. */
  readonly rule: string;
  /** What it does instead. No text holds a byte that was lent. */
  readonly fault: string;
}

/**
 * Holds an object to the rules of {@link StandardSecretV1}, for the tests of a library that makes such
 * objects. It imports nothing, and may be copied with them.
 *
 * Give it a secret of a test: it looks for the bytes in texts that it makes of the object, and so copies them.
 *
 * @param lender with bytes that are not all alike, and at least 16 of them
 * @returns what it breaks, or an empty list; it never throws
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { checkLender } from "lethe/standard";
 *
 * const secret = openSecrets().random(32);
 * checkLender(secret); // [], which is what a test expects
 * ```
 */
export function checkLender(lender: unknown): readonly LenderFault[] {
  const faults = new Map<string, string>();
  const lending = read(lender, faults);
  if (lending === null) return report(faults);
  const { byteLength } = lending;
  let copy: Uint8Array<ArrayBuffer> | null = null;
  let escaped: unknown;
  scope(lending, faults, (bytes) => {
    escaped = bytes;
    const fault = faultOf(bytes, byteLength);
    if (fault !== null) return void faults.set("LENDER-3", fault);
    copy = copyOf(bytes as Uint8Array);
  });
  if (copy !== null) {
    if (isCopy(escaped, copy) && (copy as Uint8Array).some((byte) => byte !== 0)) {
      faults.set("LENDER-7", "its view still holds the bytes after its scope");
    }
    checkScopes(lending, copy, faults);
    checkTexts(lender, copy, faults);
    (copy as Uint8Array).fill(0);
  }
  return report(faults);
}

interface Lending {
  readonly byteLength: number;
  expose(use: (bytes: unknown) => unknown): unknown;
}

type Faults = Map<string, string>;

function report(faults: Faults): readonly LenderFault[] {
  return [...faults]
    .map(([rule, fault]) => ({ rule, fault }))
    .sort((a, b) => (a.rule < b.rule ? -1 : 1));
}

/** LENDER-1. */
function read(lender: unknown, faults: Faults): Lending | null {
  const fail = (fault: string): null => {
    faults.set("LENDER-1", fault);
    return null;
  };
  try {
    if (typeof lender !== "object" || lender === null) return fail("it is not an object");
    const lending = (lender as Readonly<Record<string, unknown>>)["~secret"];
    if (typeof lending !== "object" || lending === null) return fail('it has no "~secret"');
    const { version, vendor, byteLength, expose } = lending as Readonly<Record<string, unknown>>;
    if (version !== 1) return fail("its version is not 1");
    if (typeof vendor !== "string" || vendor === "") return fail("its vendor is not a name");
    if (typeof byteLength !== "number" || !Number.isInteger(byteLength) || byteLength < 0) {
      return fail("its byteLength is not an integer from 0 on");
    }
    if (typeof expose !== "function") return fail("its expose is not a function");
    return { byteLength, expose: (use) => withoutRejection(Reflect.apply(expose, lending, [use])) };
  } catch {
    return fail("reading it throws");
  }
}

/** What an async `expose` returns is a fault, and its rejection must not end the process of the tests. */
function withoutRejection(returned: unknown): unknown {
  if (returned instanceof Promise) returned.catch(() => undefined);
  return returned;
}

/** LENDER-2 and LENDER-4: one call of `expose`. */
function scope(lending: Lending, faults: Faults, use: (bytes: unknown) => void): void {
  const token = {};
  let calls = 0;
  let returned: unknown;
  let isOpen = true;
  try {
    returned = lending.expose((bytes) => {
      calls += 1;
      if (!isOpen) faults.set("LENDER-2", "it lends after expose has returned");
      else if (calls === 1) use(bytes);
      return token;
    });
  } catch {
    faults.set("LENDER-2", "expose throws although use did not");
    return;
  } finally {
    isOpen = false;
  }
  if (calls === 0) faults.set("LENDER-2", "expose returns and has lent nothing");
  if (calls > 1) faults.set("LENDER-2", `expose called use ${calls} times`);
  if (calls === 1 && returned !== token)
    faults.set("LENDER-4", "expose does not give what use returned");
}

/** LENDER-3. */
function faultOf(bytes: unknown, byteLength: number): string | null {
  if (
    Object.prototype.toString.call(bytes) !== "[object Uint8Array]" ||
    !ArrayBuffer.isView(bytes)
  ) {
    return "it lends something other than a Uint8Array";
  }
  if (bytes.byteLength !== byteLength) return "it lends another number of bytes than it says";
  const { buffer } = bytes;
  if (Object.prototype.toString.call(buffer) !== "[object ArrayBuffer]")
    return "its buffer is shared";
  return (buffer as ArrayBuffer & { readonly resizable?: boolean }).resizable === true
    ? "its buffer is resizable"
    : null;
}

/** LENDER-5 and LENDER-6, and LENDER-7 where `use` threw. */
function checkScopes(lending: Lending, copy: Uint8Array, faults: Faults): void {
  const error = new Error("of the taker");
  let escaped: unknown;
  let same = false;
  try {
    lending.expose((bytes) => {
      escaped = bytes;
      same = isCopy(bytes, copy);
      throw error;
    });
    faults.set("LENDER-5", "it keeps to itself what use threw");
  } catch (thrown) {
    if (thrown !== error) faults.set("LENDER-5", "it throws something other than use threw");
  }
  if (!same) faults.set("LENDER-6", "its second scope lends other bytes than its first");
  if (!faults.has("LENDER-7") && isCopy(escaped, copy) && copy.some((byte) => byte !== 0)) {
    faults.set("LENDER-7", "its view still holds the bytes after its scope, where use threw");
  }
  same = false;
  scope(lending, faults, (outer) => {
    scope(lending, new Map(), (inner) => {
      same = isCopy(inner, copy) && isCopy(outer, copy);
    });
    same &&= isCopy(outer, copy);
  });
  if (!same) {
    faults.set(
      "LENDER-6",
      "a scope inside another one fails, lends other bytes, or ends the outer one",
    );
  }
}

/** LENDER-8. */
function checkTexts(lender: unknown, copy: Uint8Array, faults: Faults): void {
  if (copy.length < LEAST) return;
  const decimal = copy.join(",");
  const hex = [...copy].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const latin = String.fromCharCode(...copy.subarray(0, 1024));
  const indexed = [...copy.subarray(0, LEAST)].map((byte, at) => `"${at}":${byte}`).join(","); // JSON of a view
  const needles = [
    decimal,
    indexed,
    hex,
    latin,
    ...[0, 1, 2].map((skip) => btoa(latin.slice(skip)).slice(0, 18)),
  ];
  for (const text of textsOf(lender)) {
    const plain = text.toLowerCase();
    if (needles.some((needle) => text.includes(needle) || plain.includes(needle))) {
      faults.set("LENDER-8", "a text that is made of it shows its bytes");
    }
  }
}

function textsOf(lender: unknown): readonly string[] {
  const ways: readonly (() => unknown)[] = [
    () => String(lender),
    () =>
      (lender as { [Symbol.toPrimitive](hint: string): unknown })[Symbol.toPrimitive]("default"),
    () => JSON.stringify(lender),
    () => JSON.stringify((lender as Readonly<Record<string, unknown>>)["~secret"]),
    ...enumerated(() => lender),
    ...enumerated(() => (lender as Readonly<Record<string, unknown>>)["~secret"]),
  ];
  return ways.map((way) => {
    try {
      return String(way());
    } catch {
      return "";
    }
  });
}

/** What a spread and a loop over it come to: its symbols too, and what it inherits. */
function enumerated(find: () => unknown): readonly (() => unknown)[] {
  try {
    const from = find() as Readonly<Record<PropertyKey, unknown>>;
    const names = new Set<PropertyKey>(Reflect.ownKeys({ ...from }));
    for (const name in from) names.add(name);
    return [...names].map((name) => () => from[name]);
  } catch {
    return []; // a proxy or a getter that refuses
  }
}

const LEAST = 8;

function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(new ArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

/** Whether a view has the bytes of `copy`. One of a class of its own may throw when it is read. */
function isCopy(view: unknown, copy: Uint8Array): boolean {
  try {
    if (!ArrayBuffer.isView(view) || view.byteLength !== copy.length) return false;
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    return copy.every((byte, at) => bytes[at] === byte);
  } catch {
    return false;
  }
}

/** What all runtimes have. */
declare const btoa: (text: string) => string;
