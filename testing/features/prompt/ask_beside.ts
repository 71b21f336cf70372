/** Asks while something else in the program reads the terminal, which then goes on with what it did. */
import { openSync, read } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import { ReadStream } from "node:tty";
import type * as Adapter from "../../../adapters/node/mod.ts";
import { atHand } from "../../built.ts";

const runtime = "Deno" in globalThis ? "deno" : process.versions["bun"] ? "bun" : "node";
const adapter: typeof Adapter = await import(atHand(`adapters/${runtime}/mod.ts`));
const { Deno, Bun } = globalThis as unknown as {
  Deno: { stdin: { read(into: Uint8Array): Promise<number>; readable: ReadableStream } };
  Bun: { stdin: { stream(): ReadableStream } };
};
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const heard = (bytes: string | Uint8Array): void =>
  say(`heard ${JSON.stringify(String(bytes instanceof Uint8Array ? Buffer.from(bytes) : bytes))}`);

async function drain(stream: AsyncIterable<string | Uint8Array>): Promise<void> {
  for await (const chunk of stream) heard(chunk);
}

const lines = (): ReturnType<typeof createInterface> =>
  createInterface({ input: process.stdin, output: process.stdout });

/** What reads, from now on. */
const READERS: Readonly<Record<string, () => unknown>> = {
  line: () => lines().on("line", heard),
  question: () => lines().question("User: ", heard),
  paused() {
    const waiting = lines().on("line", heard);
    waiting.pause();
    return waiting;
  },
  closed: () => lines().close(),
  data: () => process.stdin.on("data", heard),
  raw: () => process.stdin.setRawMode(true).on("data", heard),
  readable: () =>
    process.stdin.on("readable", () => {
      for (let chunk = process.stdin.read(); chunk !== null; chunk = process.stdin.read())
        heard(chunk);
    }),
  /** As readline does when it is closed: done at once, it would show what is typed. */
  leaves: () => process.stdin.setRawMode(true).setRawMode(false),
  iterator: () => drain(process.stdin),
  pipe: () => process.stdin.pipe(process.stderr),
  another: () => new ReadStream(openSync("/dev/tty", "r")).on("data", heard),
  "fs.read": () =>
    read(openSync("/dev/fd/0", "r"), new Uint8Array(9), 0, 9, null, (_, length) =>
      heard(`${length}`),
    ),
  "Deno.stdin.read": () => Deno.stdin.read(new Uint8Array(9)).then(String).then(heard),
  "Deno.stdin.readable": () => drain(Deno.stdin.readable as AsyncIterable<Uint8Array>),
  console: () => drain(console as unknown as AsyncIterable<string>),
  "Bun.stdin": () => drain(Bun.stdin.stream() as AsyncIterable<Uint8Array>),
};

const [, , mode = "", when = "before", who = "here"] = process.argv;
const custodian = who === "custodian" ? await adapter.openCustodian() : null;
const secrets = adapter.openSecrets();
const begin = (): void => {
  READERS[mode]?.();
  process.stderr.write("begun\n");
};
if (when === "before") begin();
else setTimeout(begin, 400);
await new Promise((resolve) => setTimeout(resolve, 200));
say("ready");
try {
  if (custodian === null) {
    const secret = await adapter.promptSecret(secrets, "password: ", { mask: "*" });
    secret.expose((bytes) => say(`got ${Buffer.from(bytes).toString("hex")}`));
  } else {
    await custodian.prompt("typed", "password: ", { mayLeave: true });
    await custodian.expose("typed", (bytes) => say(`got ${Buffer.from(bytes).toString("hex")}`));
  }
} catch (error) {
  const { code, name, message } = error as Error & { code?: unknown };
  say(`rejected ${typeof code === "string" ? code : name} ${message}`);
}
say(`over ${process.stdin.isRaw}`);
setTimeout(() => process.exit(0), 3000);
