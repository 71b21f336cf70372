/** The parts of the runtimes that turn a value into text, as far as this one has them. */
interface Runtimes {
  readonly process?: { getBuiltinModule?(id: "node:util"): NodeUtil | undefined };
  readonly Deno?: { inspect(value: unknown, options: object): string };
  readonly Bun?: { inspect(value: unknown, options?: object): string };
}

interface NodeUtil {
  inspect(value: unknown, options?: object): string;
  format(format: string, value: unknown): string;
}

/** A way to turn a value into text. */
export type Inspector = readonly [name: string, text: (value: unknown) => string];

/** Every way to turn a value into text that this runtime has. */
export function inspectors(): readonly Inspector[] {
  const { process, Deno, Bun } = globalThis as Runtimes;
  const util = process?.getBuiltinModule?.("node:util");
  const found: Inspector[] = [
    ["String", String],
    ["template literal", (value) => `${value}`],
    ["concatenation", (value) => "".concat(value as string)],
    ["Number", (value) => String(Number(value))],
    ["toLocaleString", (value) => (value as object).toLocaleString()],
    ["Object.prototype.toString", (value) => Object.prototype.toString.call(value)],
    ["JSON.stringify", (value) => JSON.stringify(value)],
    ["JSON.stringify, nested", (value) => JSON.stringify({ nested: [value] })],
    ["JSON.stringify, spread", (value) => JSON.stringify({ ...(value as object) })],
    ["Array.join", (value) => [value, value].join()],
    ["Error message", (value) => new Error(value as string).message],
  ];
  if (util !== undefined) {
    found.push(
      ["util.inspect", (value) => util.inspect(value, DEEP)],
      [
        "util.inspect, nested",
        (value) => util.inspect({ nested: new Map([[value, value]]) }, DEEP),
      ],
      [
        "util.inspect, not custom",
        (value) => util.inspect(value, { ...DEEP, customInspect: false }),
      ],
      ["util.format %o", (value) => util.format("%o", value)],
      ["util.format %s", (value) => util.format("%s", value)],
      ["util.format %j", (value) => util.format("%j", value)],
    );
  }
  if (Deno !== undefined) {
    found.push(["Deno.inspect", (value) => Deno.inspect([value], { ...DEEP, depth: 99 })]);
  }
  if (Bun !== undefined) {
    found.push(["Bun.inspect", (value) => Bun.inspect([value], { depth: 99 })]);
  }
  return found;
}

const DEEP = { showHidden: true, showProxy: true, getters: true, depth: Number.POSITIVE_INFINITY };
