import {
  armored as asText,
  plaintextLength,
  readHead,
  wholeOf,
} from "../../features/envelopes/in_pieces.ts";
import { type Input, openInput } from "../input.ts";
import { checkNewFile } from "../new_file.ts";
import type { Bench } from "./bench.ts";
import { byPassphrase, openersOf, recipientsOf } from "./keys.ts";
import { countOf, type Moving, readdressed, resealed } from "./move.ts";
import { nameKey } from "./name_key.ts";
import type { Parameters } from "./parameters.ts";
import { checkPlainSource, checkPlainTarget, through } from "./pipe.ts";
import { ciphertextOf, plaintextOf } from "./source.ts";
import { writeTo, writeWhole } from "./target.ts";

/** What an action did, in words and facts. */
export interface Told {
  readonly done: string;
  readonly [fact: string]: unknown;
}

type Action = (bench: Bench, parameters: Parameters) => Promise<Told>;

export const ACTIONS: Readonly<Record<string, Action>> = {
  async seal(bench, parameters) {
    const { file, out, usesPassphrase, passphrase, context } = parameters;
    checkPlainSource(file);
    checkNew(out);
    return await withInput(file, async (input) => {
      const to = usesPassphrase
        ? [await byPassphrase(bench, passphrase, true)]
        : recipientsOf(bench, parameters);
      const pair = bench.envelopes.sealStream(to, context === undefined ? {} : { context });
      const bytes = await writeTo(
        out,
        through(plaintextOf(bench.secrets, input), pair),
        input.hearsSignals,
      );
      return { done: "sealed", recipients: to.length, bytes };
    });
  },
  async open(bench, parameters) {
    const { file, out, context, toTerminal } = parameters;
    checkPlainTarget(out, toTerminal);
    checkNew(out);
    return await withInput(file, async (input) => {
      const opened = await readHead(bench.envelopes, ciphertextOf(input));
      const openers = await openersOf(bench, parameters);
      const pair = bench.envelopes.openStream(openers, context === undefined ? {} : { context });
      return { done: "opened", bytes: await writeTo(out, through(wholeOf(opened), pair), true) };
    });
  },
  async inspect({ envelopes }, { file }) {
    return await withInput(file, async (input) => {
      const { facts, payload } = await readHead(envelopes, ciphertextOf(input));
      const { recipients, context, headerBytes, armored } = facts;
      const behindHead = async (): Promise<number> =>
        input.byteLength === null || armored
          ? await countOf(payload)
          : input.byteLength - headerBytes;
      return {
        done: "not checked: it takes a key to know that this is true",
        recipients: recipients.map(({ type, args }) => [type, ...args].join(" ")),
        context: context === null ? null : new TextDecoder().decode(context),
        headerBytes,
        payloadBytes: plaintextLength(await behindHead()),
        armored,
      };
    });
  },
  readdress: (bench, parameters) => move(bench, parameters, "readdressed", readdressed),
  reseal: (bench, parameters) => move(bench, parameters, "resealed", resealed),
  async identity({ envelopes }, { out, toTerminal }) {
    checkPlainTarget(out, toTerminal);
    checkNew(out);
    const identity = envelopes.createIdentity();
    const text = envelopes.formatIdentity(identity);
    writeWhole(out, (write) => {
      write(new TextEncoder().encode(`# public key: ${identity.recipient}\n`));
      text.expose(write);
      write(Uint8Array.of(10));
    });
    return { done: "made", recipient: identity.recipient };
  },
  async plugin(bench, parameters) {
    checkNew(parameters.out);
    const made = await nameKey(bench, parameters);
    writeWhole(parameters.out, (write) => write(new TextEncoder().encode(made.text)));
    return { done: "made", recipient: made.recipient, native: made.native, key: made.path };
  },
};

async function move(
  bench: Bench,
  parameters: Parameters,
  done: string,
  moved: Moving,
): Promise<Told> {
  const { file, out } = parameters;
  checkNew(out);
  const to = recipientsOf(bench, parameters);
  return await withInput(file, async (input) => {
    const opened = await readHead(bench.envelopes, ciphertextOf(input));
    const openers = await openersOf(bench, parameters);
    const bytes = await moved(bench, opened, openers, to);
    await writeTo(out, opened.facts.armored ? asText(bytes) : bytes, true);
    return { done, recipients: to.length };
  });
}

async function withInput<T>(path: string, use: (input: Input) => Promise<T>): Promise<T> {
  const input = openInput(path);
  try {
    return await use(input);
  } finally {
    input.close();
  }
}

/** Before anything is read, and anybody types a passphrase. */
function checkNew(out: string): void {
  if (out !== "-") checkNewFile(out);
}
