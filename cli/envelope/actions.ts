import { existsSync } from "node:fs";
import { NotPossibleError } from "../command_line/usage_error.ts";
import type { Bench } from "./bench.ts";
import { byPassphrase, openersOf, recipientsOf } from "./keys.ts";
import { nameKey } from "./name_key.ts";
import type { Parameters } from "./parameters.ts";
import {
  checkPlainSource,
  checkPlainTarget,
  ciphertextOf,
  pipe,
  plaintextOf,
  readCiphertext,
  withTarget,
} from "./pipe.ts";

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
    const to = usesPassphrase
      ? [await byPassphrase(bench, passphrase, true)]
      : recipientsOf(bench, parameters);
    const pair = bench.envelopes.sealStream(to, context === undefined ? {} : { context });
    const bytes = await pipe(plaintextOf(bench.secrets, file), pair, out);
    return { done: "sealed", recipients: to.length, bytes };
  },
  async open(bench, parameters) {
    const { file, out, context, toTerminal } = parameters;
    checkPlainTarget(out, toTerminal);
    checkNew(out);
    const openers = await openersOf(bench, parameters);
    const options = context === undefined ? {} : { context };
    if (file !== "-" && bench.envelopes.inspect(readCiphertext(file)).armored) {
      const secret = await bench.envelopes.open(readCiphertext(file), openers, options);
      await withTarget(out, async (write) => secret.expose(write));
      return { done: "opened", bytes: secret.byteLength };
    }
    const bytes = await pipe(ciphertextOf(file), bench.envelopes.openStream(openers, options), out);
    return { done: "opened", bytes };
  },
  async inspect({ envelopes }, { file }) {
    const { recipients, context, ...facts } = envelopes.inspect(readCiphertext(file));
    return {
      done: "not checked: it takes a key to know that this is true",
      recipients: recipients.map(({ type, args }) => [type, ...args].join(" ")),
      context: context === null ? null : new TextDecoder().decode(context),
      ...facts,
    };
  },
  readdress: (bench, parameters) => move(bench, parameters, "readdress"),
  reseal: (bench, parameters) => move(bench, parameters, "reseal"),
  async identity({ envelopes }, { out }) {
    checkNew(out);
    const identity = envelopes.createIdentity();
    const text = envelopes.formatIdentity(identity);
    await withTarget(out, async (write) => {
      write(new TextEncoder().encode(`# public key: ${identity.recipient}\n`));
      text.expose(write);
      write(Uint8Array.of(10));
    });
    return { done: "made", recipient: identity.recipient };
  },
  async plugin(bench, parameters) {
    checkNew(parameters.out);
    const made = await nameKey(bench, parameters);
    await withTarget(parameters.out, async (write) => write(new TextEncoder().encode(made.text)));
    return { done: "made", recipient: made.recipient, native: made.native, key: made.path };
  },
};

async function move(
  bench: Bench,
  parameters: Parameters,
  how: "readdress" | "reseal",
): Promise<Told> {
  const { file, out } = parameters;
  checkNew(out);
  const to = recipientsOf(bench, parameters);
  const openers = await openersOf(bench, parameters);
  const moved = await bench.envelopes[how](readCiphertext(file), openers, to);
  await withTarget(out, async (write) => write(moved));
  return { done: how === "readdress" ? "readdressed" : "resealed", recipients: to.length };
}

/** Refuses a file that is there before anybody types a passphrase. */
function checkNew(out: string): void {
  if (out === "-" || !existsSync(out)) return;
  throw new NotPossibleError(`there is a file ${JSON.stringify(out)} already; give another OUT`);
}
