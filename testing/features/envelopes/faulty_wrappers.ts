// Wrappers that each break one rule: the suite has to find it.
import type { KeyWrapper, Stanza } from "../../../core/contract/key_wrapper.ts";
import type { SecretBuffer } from "../../../core/contract/secret_buffer.ts";
import type { Secrets } from "../../../core/contract/secrets.ts";

/** By the rule that is broken, made of a wrapper that breaks none. */
export const FAULTY: readonly (readonly [
  rule: string,
  how: string,
  make: (good: KeyWrapper, secrets: Secrets) => KeyWrapper,
])[] = [
  ["WRAP-1", "gives no stanza", (good) => ({ ...plain(good), wrap: () => [] })],
  [
    "WRAP-1",
    "gives an argument with a space",
    (good) => ({
      ...plain(good),
      wrap: async (key) =>
        (await good.wrap(key)).map((one) => ({ ...one, args: ["a b"] as const })),
    }),
  ],
  [
    "WRAP-1",
    "gives a stanza that does not open",
    (good) => ({ ...plain(good), unwrap: () => null }),
  ],
  [
    "WRAP-1",
    "tries the first stanza of its type alone",
    (good) => ({
      ...plain(good),
      async unwrap(stanzas, land) {
        const first = stanzas.find(({ args }) => args[0] === "X25519");
        return first === undefined ? null : await good.unwrap([first], land);
      },
    }),
  ],
  [
    "WRAP-1",
    "looks at eight stanzas of an envelope",
    (good) => ({
      ...plain(good),
      unwrap: (stanzas, land) => good.unwrap(stanzas.slice(0, 8), land),
    }),
  ],
  [
    "WRAP-2",
    "gives the same stanza twice",
    (good) => {
      let kept: readonly Stanza[] | undefined;
      return {
        ...plain(good),
        async wrap(key) {
          kept ??= await good.wrap(key);
          return kept;
        },
      };
    },
  ],
  [
    "WRAP-3",
    "throws for what it does not know",
    (good) => ({
      ...plain(good),
      async unwrap(stanzas, land) {
        const key = await good.unwrap(stanzas, land);
        if (key === null) throw new TypeError("none for me");
        return key;
      },
    }),
  ],
  [
    "WRAP-3",
    "gives some key for what is not authentic",
    (good) => ({
      ...plain(good),
      async unwrap(stanzas, land) {
        return (await good.unwrap(stanzas, land)) ?? land(16, (bytes) => bytes.fill(7));
      },
    }),
  ],
  [
    "WRAP-4",
    "takes more arguments",
    (good) => ({
      ...plain(good),
      unwrap: (stanzas, land) =>
        good.unwrap(
          stanzas.map(({ args, body }) => ({ args: args.slice(0, 2) as [string], body })),
          land,
        ),
    }),
  ],
  [
    "WRAP-5",
    "makes the key elsewhere",
    (good) => ({
      ...plain(good),
      async unwrap(stanzas, land) {
        const key = await good.unwrap(stanzas, land);
        if (key === null) return null;
        const other = key.clone();
        key.destroy();
        return other;
      },
    }),
  ],
  [
    "WRAP-5",
    "keeps a copy",
    (good) => {
      const kept: SecretBuffer[] = [];
      return {
        ...plain(good),
        wrap(key) {
          kept.push(key.clone());
          return good.wrap(key);
        },
      };
    },
  ],
  [
    "WRAP-6",
    "quotes the key in an error",
    (good) => ({
      ...plain(good),
      wrap(key) {
        throw new Error(`cannot wrap ${key.expose((bytes) => Buffer.from(bytes).toString("hex"))}`);
      },
    }),
  ],
  [
    "WRAP-6",
    "quotes the key in the cause of an error",
    (good) => ({
      ...plain(good),
      wrap(key) {
        const text = key.expose((bytes) => Buffer.from(bytes).toString("hex"));
        throw new Error("cannot wrap", { cause: new Error(`a service refused ${text}`) });
      },
    }),
  ],
  [
    "WRAP-6",
    "shows the key in an argument, beside a ciphertext that opens",
    (good) => ({
      ...plain(good),
      async wrap(key) {
        const text = key.expose((bytes) => Buffer.from(bytes).toString("base64"));
        return (await good.wrap(key)).map(({ args, body }) => ({ args: [...args, text], body }));
      },
      unwrap: (stanzas, land) =>
        good.unwrap(
          stanzas.map(({ args, body }) => ({ args: args.slice(0, -1) as [string], body })),
          land,
        ),
    }),
  ],
  [
    "WRAP-7",
    "leaves a scope open",
    (good) => ({
      ...plain(good),
      wrap(key) {
        void key.expose(() => new Promise(() => undefined));
        return good.wrap(key);
      },
    }),
  ],
  [
    "WRAP-7",
    "destroys the file key",
    (good) => ({
      ...plain(good),
      async wrap(key) {
        const stanzas = await good.wrap(key);
        count += 1;
        if (count % 2 === 0) key.destroy();
        return stanzas;
      },
    }),
  ],
];

let count = 0;

function plain(good: KeyWrapper): KeyWrapper {
  return {
    name: good.name,
    version: null,
    residue: null,
    wrap: (key) => good.wrap(key),
    unwrap: (stanzas, land) => good.unwrap(stanzas, land),
  };
}
