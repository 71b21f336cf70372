import { describe, expect, it } from "vitest";
import { LetheError, openSecrets } from "../../../core/mod.ts";
import { FakeMemory, type FakeRegion } from "../../../core/testdata/fake_memory.ts";
import { openSodiumEngine } from "../../sodium/mod.ts";
import type { Channel, ChannelListener } from "../channel/channel.ts";
import type { Fields } from "../protocol/fields.ts";
import { KEY_BYTES, SESSION_KEY_BYTES } from "../protocol/limits.ts";
import { MessageWriter, readMessage } from "../protocol/message.ts";
import type { OperationName } from "../protocol/operation_names.ts";
import { Session } from "../protocol/session.ts";
import { joined } from "../testdata/joined.ts";
import { openTools, receiveAll } from "../testdata/pair.ts";
import { Vault } from "../vault/vault.ts";
import { VaultKey } from "../vault/vault_key.ts";
import { Server } from "./server.ts";

const SECRET = Uint8Array.from({ length: 32 }, (_, index) => 200 - index);
const PASSWORD = Uint8Array.from({ length: 9 }, (_, index) => 100 + index);
const VAULT_KEY_END = SESSION_KEY_BYTES + KEY_BYTES;

/** A custodian's program in this process, over memory that can be looked into while it is open. */
class Stage {
  readonly memory = new FakeMemory();
  readonly written: Uint8Array[] = [];
  readonly secrets = openSecrets({ memory: this.memory });
  readonly application = new Session("application", openTools());
  readonly #writer = new MessageWriter();
  overs = 0;
  /** Derivations: of the channel's two keys, then of the vault's. */
  hashes = 0;
  onWrite = (): void => undefined;
  onHash = (): void => undefined;
  #listener: ChannelListener | undefined;
  #id = 0;

  constructor(relockMilliseconds: number) {
    const sodium = openSodiumEngine();
    const argon2id: typeof sodium.argon2id = (...args) => {
      this.onHash();
      sodium.argon2id(...args);
    };
    const keyedHash: typeof sodium.keyedHash = (...args) => {
      this.hashes += 1;
      sodium.keyedHash(...args);
    };
    const tools = { engine: { ...sodium, argon2id, keyedHash }, secrets: this.secrets };
    const channel: Channel = {
      listen: (listener) => {
        this.#listener = listener;
      },
      write: (bytes) => {
        this.onWrite();
        return this.written.push(bytes.slice()) > 0;
      },
      pause: () => undefined,
      resume: () => undefined,
      hold: () => undefined,
      close: () => undefined,
    };
    new Server(tools, channel, {
      prompt: () => Promise.reject(new Error("nobody is there")),
      open: (_, page) => ({
        vault: new Vault(tools, new VaultKey(tools, null), relockMilliseconds, page),
        report: "{}",
      }),
      over: () => {
        this.overs += 1;
      },
    });
    this.application.receive(this.written.shift() as Uint8Array, () => undefined);
    this.send(this.application.greeting);
    this.send(this.request("open", {}));
    this.send(this.request("put", { name: "k", mayLeave: true }, SECRET));
    this.send(this.request("put", { name: "p", type: "password" }, PASSWORD));
    this.answers();
  }

  get page(): FakeRegion {
    return this.memory.regions.find(({ byteLength }) => byteLength > 1000) as FakeRegion;
  }

  get open(): number[] {
    const open = this.memory.regions.filter(({ protection }) => protection !== "no-access");
    return open.map(({ byteLength }) => byteLength);
  }

  request(operation: OperationName, fields: Fields, secret: Uint8Array | null = null): Uint8Array {
    const message = { kind: "request", id: this.#id++, operation, fields } as const;
    return this.application.seal(this.#writer.write(message), secret).slice();
  }

  send(...frames: Uint8Array[]): void {
    this.#listener?.data(joined(frames));
  }

  end(): void {
    this.#listener?.ended();
  }

  answers(): { readonly kind: string; readonly secret: readonly number[] | null }[] {
    const bytes = joined(this.written.splice(0));
    return receiveAll(this.application, bytes, openTools()).map(({ meta, secret }) => ({
      kind: readMessage(Uint8Array.from(meta)).kind,
      secret,
    }));
  }
}

const exposes = (stage: Stage, count: number): Uint8Array[] =>
  Array.from({ length: count }, () => stage.request("expose", { name: "k" }));

describe.each([1000, 0])("a server that relocks after %i ms", (relockMilliseconds) => {
  it("opens one page and derives its key once for all that came together, and writes once", () => {
    const stage = new Stage(relockMilliseconds);
    stage.send(...exposes(stage, 1)); // the key of the vault is derived
    stage.answers();
    const frames = exposes(stage, 16);
    const before = stage.page.steps.length;
    stage.hashes = 0;
    stage.send(...frames);
    expect(stage.hashes).toBe(relockMilliseconds === 0 ? 1 : 0);
    expect(stage.page.steps.slice(before)).toEqual([
      "protect read-write",
      "view",
      "detach",
      "protect no-access",
    ]);
    expect([stage.written.length, stage.open]).toEqual([1, []]);
    const answer = { kind: "response", secret: [...SECRET] };
    expect(stage.answers()).toEqual(Array.from({ length: 16 }, () => answer));
    expect(stage.memory.violations).toEqual([]);
  });

  it("has wiped each secret when its answer is written, and then its key if it relocks", () => {
    const stage = new Stage(relockMilliseconds);
    const seen: number[][] = [];
    stage.onWrite = () => seen.push(stage.page.bytes.slice(VAULT_KEY_END));
    stage.send(...exposes(stage, 3));
    expect(seen).toHaveLength(1);
    expect(seen[0]?.every((byte) => byte === 0)).toBe(true);
    const rest = stage.page.bytes.slice(SESSION_KEY_BYTES, VAULT_KEY_END);
    expect(rest.every((byte) => byte === 0)).toBe(relockMilliseconds === 0);
  });

  it("has only the password open while it computes Argon2id", async () => {
    const stage = new Stage(relockMilliseconds);
    const open: number[][] = [];
    stage.onHash = () => open.push(stage.open);
    const written = new Promise<void>((resolve) => {
      stage.onWrite = resolve;
    });
    stage.send(stage.request("hashPassword", { name: "p", passes: 1, memoryBytes: 8192 }));
    await written;
    expect(open).toEqual([[PASSWORD.length]]);
    expect([stage.open, stage.memory.violations]).toEqual([[], []]);
  });

  it("ends with every key wiped for a secret that nobody sealed, and for a close", () => {
    for (const way of ["forged secret", "close"]) {
      const stage = new Stage(relockMilliseconds);
      const frames = [...exposes(stage, 1), stage.request("equals", { name: "k" }, SECRET)];
      const last = way === "close" ? stage.request("close", {}) : (frames.pop() as Uint8Array);
      if (way !== "close") (last[last.length - 1] as number) ^= 1;
      stage.send(...frames, last);
      expect([stage.written.length, stage.overs]).toEqual(way === "close" ? [1, 0] : [0, 1]);
      expect(stage.secrets.stats.live).toBe(0);
      expect(stage.memory.regions.every(({ zero, released }) => zero && released === 1)).toBe(true);
      expect(stage.memory.violations).toEqual([]);
    }
  });

  it("ends the rest when the end of one thing fails, whichever call of the memory it is", () => {
    const error = new LetheError("ERR_LETHE_PROTECT", "on purpose");
    for (let at = 0, failed = true; failed; at++) {
      const stage = new Stage(relockMilliseconds);
      stage.send(...exposes(stage, 1));
      const broken = new Set<FakeRegion>();
      stage.memory.arm({ at, when: "before", error });
      try {
        stage.end();
      } catch (thrown) {
        expect(thrown).toMatchObject({ message: "on purpose" });
      }
      failed = stage.memory.calls.length > at;
      expect(at).toBeLessThan(100);
      for (const region of stage.memory.regions) if (!region.zero) broken.add(region);
      expect(broken.size).toBeLessThanOrEqual(failed ? 1 : 0);
      expect(stage.overs).toBe(1);
    }
  });
});
