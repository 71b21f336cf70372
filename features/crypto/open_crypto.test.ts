import { inspect } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import * as bun from "../../adapters/bun/mod.ts";
import * as deno from "../../adapters/deno/mod.ts";
import * as node from "../../adapters/node/mod.ts";
import * as web from "../../adapters/web/mod.ts";
import * as workerd from "../../adapters/workerd/mod.ts";
import type { CryptoEngine, EngineProvider, Operation } from "../../core/contract/engine.ts";
import { LetheError } from "../../core/contract/errors.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import { secretsOpener } from "../../core/open_secrets.ts";
import { HEAP_PROVIDER, openSecrets } from "../../memories/heap/mod.ts";
import { sample, thrown } from "../../testing/core/samples.ts";
import { openEngines } from "../../testing/features/crypto/engines.ts";
import { ENGINES_WITH } from "./engines_with.ts";
import { openCrypto } from "./open_crypto.ts";

const engines = await openEngines();
const [sodium] = engines as [CryptoEngine];
const secrets = openSecrets();
afterEach(() => secrets.purge());

/** Secrets of a runtime that has these engines. */
function here(providers: readonly EngineProvider[]): Secrets {
  return secretsOpener({ name: "test", memories: [HEAP_PROVIDER], engines: providers })();
}

describe("openCrypto", () => {
  it("takes the runtime's engine by itself, by name, and says which it is", () => {
    for (const options of [undefined, {}, { engine: "auto" }, { engine: "sodium" }]) {
      const crypto = node.openCrypto(node.openSecrets({ memory: "heap" }), options);
      expect(crypto.engine).toBe("sodium");
      expect([...crypto.operations]).toEqual([...sodium.operations]);
      expect(crypto.passedOver).toEqual([]);
    }
  });

  it("takes the engine that it is given", () => {
    for (const engine of engines) {
      const crypto = openCrypto(secrets, { engine });
      expect(crypto.engine).toBe(engine.name);
      expect(crypto.residue).toBe(engine.residue);
      expect(`${crypto} ${inspect(crypto)} ${JSON.stringify(crypto)}`).toBe(
        `SecretCrypto(${engine.name}) SecretCrypto(${engine.name}) "SecretCrypto(${engine.name})"`,
      );
    }
  });

  it("passes over an engine that cannot be had, and says why", () => {
    const refusal = new LetheError(
      "ERR_LETHE_UNAVAILABLE",
      "Cannot open first: it is not installed",
    );
    const first = {
      name: "first",
      open(): CryptoEngine {
        throw refusal;
      },
    };
    const second = { name: "second", open: () => ({ ...sodium, name: "second" }) };
    const both = here([first, second]);
    const crypto = openCrypto(both);
    expect(crypto.engine).toBe("second");
    expect(crypto.passedOver).toEqual([{ engine: "first", reason: refusal.message }]);
    expect(thrown(() => openCrypto(both, { engine: "first" })).message).toContain(refusal.message);
    const none = thrown(() => openCrypto(here([first])));
    expect(none.code).toBe("ERR_LETHE_UNAVAILABLE");
    expect(none.message).toContain("first: Cannot open first: it is not installed");
  });

  it("where none can be loaded, says what to pass", () => {
    const page = here([]);
    for (const options of [{}, { engine: "sodium" }]) {
      const error = thrown(() => openCrypto(page, options));
      expect(error.code).toBe("ERR_LETHE_UNAVAILABLE");
      expect(error.message).toMatch(/openLibsodiumEngine\(\) of lethe\/libsodium.*nobleEngine\(\)/);
    }
  });

  it("is in every entry", () => {
    for (const entry of [node, deno, bun, web, workerd]) {
      expect(entry.openCrypto(secrets, { engine: sodium }).engine).toBe("sodium");
    }
  });

  it("refuses what is not a Secrets, no engine and no option", () => {
    const open = openCrypto as (...args: unknown[]) => unknown;
    const wrong = [
      [],
      [null],
      [{}],
      [secrets, null],
      [secrets, "sodium"],
      [secrets, { engin: "a" }],
    ];
    for (const args of [...wrong, [secrets, { engine: {} }], [secrets, { engine: null }]]) {
      expect(thrown(() => open(...args))).toBeInstanceOf(TypeError);
    }
  });
});

describe("an operation that the engine lacks", () => {
  it("is a typed error that names the engines which have it", () => {
    const key = secrets.random(32);
    const pair = { publicKey: sample(32), secretKey: key };
    type Public = Exclude<Operation, "chacha20-poly1305">;
    const uses: Readonly<Record<Public, (crypto: ReturnType<typeof openCrypto>) => unknown>> = {
      aead: (crypto) => crypto.encrypt(key, key),
      "keyed-hash": (crypto) => crypto.keyedHash(key, key),
      "hmac-sha256": (crypto) => crypto.hkdf(key),
      "hmac-sha512": (crypto) => crypto.hmac(key, key, { hash: "sha512" }),
      argon2id: (crypto) => crypto.argon2id(key, sample(16), { passes: 1, memoryBytes: 8192 }),
      ed25519: (crypto) => crypto.signKeyPair(),
      x25519: (crypto) => crypto.agree(key, sample(32)),
      subkey: (crypto) => crypto.deriveSubkey(key, 1, sample(8)),
      box: (crypto) => crypto.unsealBox(pair, sample(60)),
    };
    for (const [missing, use] of Object.entries(uses)) {
      const operations = new Set(
        [...sodium.operations].filter((operation) => operation !== missing),
      );
      const crypto = openCrypto(secrets, { engine: { ...sodium, name: "partial", operations } });
      const error = thrown(() => use(crypto));
      expect(error.code, missing).toBe("ERR_LETHE_UNSUPPORTED");
      expect(error.message).toContain(`engine partial has no ${missing}; sodium, libsodium, noble`);
    }
  });

  it("is told by what the engines really have", () => {
    for (const [operation, names] of Object.entries(ENGINES_WITH)) {
      const having = engines.filter(({ operations }) => operations.has(operation as Operation));
      expect(having.map(({ name }) => name)).toEqual(names);
    }
  });
});
