import { KEY_BYTES } from "../../../core/contract/sizes.ts";
import type { Secrets } from "../../../core/mod.ts";
import { openSodiumEngine } from "../../../engines/sodium/mod.ts";
import type { Channel, ChannelListener } from "../../../features/custodian/channel/channel.ts";
import type { Fields } from "../../../features/custodian/protocol/fields.ts";
import {
  type Message,
  MessageWriter,
  readMessage,
} from "../../../features/custodian/protocol/message.ts";
import type { OperationName } from "../../../features/custodian/protocol/operation_names.ts";
import { ChannelSession } from "../../../features/custodian/protocol/session.ts";
import type { Guest } from "../../../features/custodian/server/guest.ts";
import { Server } from "../../../features/custodian/server/server.ts";
import { CustodianVault } from "../../../features/custodian/vault/vault.ts";
import { VaultKey } from "../../../features/custodian/vault/vault_key.ts";
import { openSecrets } from "../../../memories/heap/mod.ts";
import { FakeMemory, type FakeRegion } from "../../core/fake_memory.ts";
import { joined } from "./joined.ts";
import { openTools, receiveAll } from "./pair.ts";

export const SECRET: Uint8Array = Uint8Array.from({ length: 32 }, (_, index) => 200 - index);
export const PASSWORD: Uint8Array = Uint8Array.from({ length: 9 }, (_, index) => 100 + index);

/** A custodian's program in this process, over memory that can be looked into while it is open. */
export class Stage {
  readonly memory: FakeMemory = new FakeMemory();
  readonly written: Uint8Array[] = [];
  readonly secrets: Secrets = openSecrets({ memory: this.memory });
  readonly application: ChannelSession = new ChannelSession("application", openTools());
  readonly #writer = new MessageWriter();
  readonly ends: string[] = [];
  prompts = 0;
  /** Derivations: of the channel's two keys, then of the vault's. */
  hashes = 0;
  onWrite = (): void => undefined;
  onHash = (): void => undefined;
  onMac = (): void => undefined;
  onPrompt = (): Promise<never> => new Promise(() => undefined);
  onSeal = (): void => undefined;
  #listener: ChannelListener | undefined;
  #id = 0;

  /** @param guest what its process is for, in the place of a vault */
  constructor(relockMilliseconds: number, guest?: Guest) {
    const sodium = openSodiumEngine();
    const argon2id: typeof sodium.argon2id = (...args) => {
      this.onHash();
      sodium.argon2id(...args);
    };
    const hmacSha256: typeof sodium.hmacSha256 = (...args) => {
      this.onMac();
      sodium.hmacSha256(...args);
    };
    const aeadSeal: typeof sodium.aeadSeal = (...args) => {
      this.onSeal();
      sodium.aeadSeal(...args);
    };
    const keyedHash: typeof sodium.keyedHash = (...args) => {
      if (args[0].length === KEY_BYTES) this.hashes += 1; // else it is for a nonce
      sodium.keyedHash(...args);
    };
    const engine = { ...sodium, argon2id, keyedHash, hmacSha256, aeadSeal };
    const context = { engine, secrets: this.secrets };
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
    new Server(context, channel, {
      prompt: () => {
        this.prompts += 1;
        return this.onPrompt();
      },
      open: (_, page) => ({
        vault: new CustodianVault(context, new VaultKey(context, null), relockMilliseconds, page),
        report: "{}",
      }),
      openGuest: async () => ({ guest: guest as Guest, report: "{}" }),
      over: (end) => {
        this.ends.push(end);
      },
    });
    this.application.receive(this.written.shift() as Uint8Array, () => undefined);
    this.send(this.application.greeting);
    if (guest !== undefined) return;
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
    return this.messages().map(({ message, secret }) => ({ kind: message.kind, secret }));
  }

  messages(): { readonly message: Message; readonly secret: readonly number[] | null }[] {
    const bytes = joined(this.written.splice(0));
    return receiveAll(this.application, bytes, openTools()).map(({ meta, secret }) => ({
      message: readMessage(Uint8Array.from(meta)),
      secret,
    }));
  }
}

export const exposes = (stage: Stage, count: number): Uint8Array[] =>
  Array.from({ length: count }, () => stage.request("expose", { name: "k" }));
