// The side of age, for tests of age-plugin-lethe: what it says stands beforehand, and what it is told is kept.
import { LetheError, type Secrets } from "../../../core/mod.ts";
import {
  type KeyHolder,
  type OpenedKey,
  servePlugin,
} from "../../../features/age_plugins/serve.ts";
import { openEnvelopes } from "../../../features/envelopes/mod.ts";

/** A command, as a client writes it. */
export function command(args: string, body: Uint8Array | string = ""): string {
  const text = Buffer.from(body as Uint8Array)
    .toString("base64")
    .replace(/=+$/, "");
  const rows: string[] = [...(text.match(/.{1,64}/g) ?? [])];
  if (text.length % 64 === 0) rows.push("");
  return `-> ${args}\n${rows.join("\n")}\n`;
}

/** What a client answers that takes everything: first to the grease, then to the rest. */
export const ANSWERS: string = command("unsupported") + command("ok").repeat(200);

/** What was told. */
export interface Told {
  readonly args: readonly string[];
  readonly body: Buffer;
}

/** The commands in what was written. */
export function commandsIn(written: string): readonly Told[] {
  return [...written.matchAll(/^-> (.*)\n((?:.{64}\n)*.{0,63}\n)/gm)].map(
    ([, line = "", rows = ""]) => ({
      args: line.split(" "),
      body: Buffer.from(rows.replaceAll("\n", ""), "base64"),
    }),
  );
}

/** A holder of keys by their path, that counts what it opens. A text in the place of a key is why it cannot be opened. */
export class Keys implements KeyHolder {
  readonly opened: string[] = [];
  readonly #keys: Readonly<Record<string, OpenedKey | string>>;

  constructor(keys: Readonly<Record<string, OpenedKey | string>>) {
    this.#keys = keys;
  }

  isSealed(path: string): boolean {
    if (this.#keys[path] === undefined) throw new LetheError("ERR_LETHE_KEY_MISSING", "no file");
    return path.includes("sealed");
  }

  async open(path: string): Promise<OpenedKey> {
    this.opened.push(path);
    const key = this.#keys[path];
    if (typeof key !== "object") throw new LetheError("ERR_LETHE_KEY_PASSPHRASE", `${key}`);
    return { publicKey: key.publicKey, secretKey: key.secretKey.clone() };
  }
}

/** Lets a state machine hear `said` to the end. @returns what it told, without its grease and its last word */
export async function served(
  secrets: Secrets,
  machine: string,
  said: string | Uint8Array,
  holder: KeyHolder = new Keys({}),
): Promise<readonly Told[]> {
  const bytes = typeof said === "string" ? Buffer.from(said) : said;
  let [next, written] = [0, ""];
  await servePlugin(machine, {
    secrets,
    envelopes: openEnvelopes(secrets),
    holder,
    streams: {
      read(page) {
        if (next === bytes.length) return "end";
        const part = bytes.subarray(next, next + page.length);
        page.set(part);
        next += part.length;
        return part.length;
      },
      write(sent) {
        // As a pipe does, it may take a part: each such part costs a pause.
        const taken = written === "" ? sent.subarray(0, 3) : sent;
        written += Buffer.from(taken).toString("latin1");
        return taken.length;
      },
    },
  });
  const [grease, ...told] = commandsIn(written);
  if (!/^grease-[a-z2-7]{8}$/.test(grease?.args[0] ?? "")) throw new Error("there is no grease");
  if (told.at(-1)?.args.join(" ") !== "done") throw new Error("it is not done");
  return told.slice(0, -1);
}
