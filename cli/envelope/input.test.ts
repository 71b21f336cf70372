import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import { openEnvelopes } from "../../features/envelopes/mod.ts";
import { CLI_RUNTIMES, lethe, plainEnvironment } from "../../testing/cli/lethe.ts";
import { MISSING, NOT_RUN, Pty } from "../../testing/features/prompt/pty.ts";
import { SOAK } from "../../testing/tier.ts";
import { Given } from "../command_line/given.ts";
import { readCommandLine } from "../command_line/read_command_line.ts";
import { UsageError } from "../command_line/usage_error.ts";
import { recipientsOf } from "./keys.ts";
import { readParameters } from "./parameters.ts";
import { OPTIONS } from "./table.ts";

const folder = mkdtempSync(join(tmpdir(), "lethe-envelope-input-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** More than one piece, and not whole chunks. */
const message = Buffer.alloc(200_000, "a message ");
const context = new TextEncoder().encode("database");
let [recipient, other] = ["", ""];

beforeAll(async () => {
  const secrets = openSecrets();
  const envelopes = openEnvelopes(secrets);
  const make = (name: string): string => {
    const made = envelopes.createIdentity();
    envelopes.formatIdentity(made).expose((text) => write(name, text));
    return made.recipient;
  };
  [recipient, other] = [make("identity"), make("other")];
  const to = [envelopes.parseRecipient(recipient)];
  write("plain", message);
  write("age", await envelopes.seal(message, to));
  write("text.age", await envelopes.seal(message, to, { context, armor: true }));
  secrets[Symbol.dispose]();
});

function write(name: string, bytes: Uint8Array): void {
  writeFileSync(join(folder, name), bytes, { mode: 0o600 });
}

interface Answer {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** `lethe` as a part of a script of bash. */
function script(runtime: string, text: string): Answer {
  const command = text.replaceAll("LETHE", lethe(runtime, "envelope").join(" "));
  const { status, stdout, stderr } = spawnSync("setsid", ["-w", "bash", "-c", command], {
    cwd: folder,
    env: plainEnvironment(),
    timeout: 60_000,
    input: "",
  });
  return { status, stdout, stderr: stderr.toString() };
}

/** Up to the line feed behind the MAC. */
function headLength(): number {
  const text = readFileSync(join(folder, "age"), "latin1");
  return text.indexOf("\n", text.indexOf("\n---") + 1) + 1;
}

function expectMessage({ status, stdout, stderr }: Answer): void {
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout.equals(message)).toBe(true);
}

describe.skipIf(process.platform !== "linux").each(CLI_RUNTIMES)(
  "what lethe envelope reads on %s",
  (runtime) => {
    it("is read once: a pipe will do, by whatever name", () => {
      expectMessage(script(runtime, "LETHE open <(cat age) - --identity <(cat identity)"));
      if (!SOAK) return;
      for (const text of [
        "cat age | LETHE open /dev/stdin - --identity identity",
        "cat text.age | LETHE open - - --identity identity --context database",
        "LETHE open <(cat text.age) - --identity identity --context database",
        "rm -f fifo; mkfifo fifo; cat age >fifo & LETHE open fifo - --identity identity",
        `LETHE seal <(cat plain) - --to-file <(echo ${other}) | LETHE open - - --identity other`,
        "LETHE open age - --identity - <identity",
        `(sleep 1; head -c 150000 age; sleep 1; tail -c +150001 age) | LETHE open - - --identity identity`,
      ]) {
        expectMessage(script(runtime, text));
      }
    });

    it.runIf(SOAK).each(["readdress", "reseal"])("%s streams either form", (how) => {
      for (const [file, bound] of [
        ["age", ""],
        ["text.age", "--context database"],
      ]) {
        const moving = `LETHE ${how} <(cat ${file}) moved --identity identity --to ${other} --json`;
        expect(script(runtime, `${moving}; cp moved moved.${file}; rm moved`).status).toBe(0);
        const moved = readFileSync(join(folder, `moved.${file}`));
        expect(moved.toString("latin1").startsWith("-----BEGIN AGE")).toBe(file === "text.age");
        expectMessage(script(runtime, `LETHE open moved.${file} - --identity other ${bound}`));
      }
      // Of a readdressed payload only the length is looked at: this one ends within a tag.
      const length = how === "reseal" ? 150_000 : headLength() + 16 + 65_552 + 5;
      const cut = `LETHE ${how} <(head -c ${length} age) cut --identity identity --to ${other}`;
      expect(script(runtime, cut).status).toBe(4);
      expect(existsSync(join(folder, "cut"))).toBe(false);
    });

    it("may be longer than the memory: a header has a bound, the rest is a stream", () => {
      const head = readFileSync(join(folder, "age"));
      write("long", head);
      truncateSync(join(folder, "long"), 5 * 2 ** 30);
      const { headerBytes, payloadBytes } = JSON.parse(
        script(runtime, "LETHE inspect long --json").stdout.toString(),
      );
      const chunks = Math.ceil((5 * 2 ** 30 - headerBytes - 16) / 65_552);
      expect(payloadBytes).toBe(5 * 2 ** 30 - headerBytes - 16 - chunks * 16);
      if (!SOAK) return;
      const opened = script(runtime, "LETHE open long out --identity identity");
      expect([opened.status, opened.stderr]).toEqual([4, expect.stringContaining("not authentic")]);
      expect(statSync(join(folder, "long")).blocks).toBeLessThan(10_000);
    });

    it.runIf(SOAK)("has a bound where it is no payload", () => {
      for (const [text, status, reason] of [
        ["inspect /dev/zero", 4, "does not begin as an age file"],
        ["inspect <(yes ''; true)", 4, "does not begin as an age file"],
        [`inspect <(echo ${"-".repeat(5)}BEGIN AGE ENCRYPTED FILE${"-".repeat(5)}; yes A)`, 4, ""],
        ["seal plain out --to-file /dev/zero", 2, "longer than 1048576 bytes"],
        ["open age out --identity /dev/zero", 4, "longer than 65536 bytes"],
      ] as const) {
        const answer = script(runtime, `LETHE ${text}`);
        expect([answer.status, answer.stderr]).toEqual([status, expect.stringContaining(reason)]);
      }
    });

    it.runIf(SOAK)("is not a passphrase where it is the file", () => {
      const { status, stderr } = script(runtime, "cat age | LETHE open - out --passphrase");
      expect([status, stderr]).toEqual([2, expect.stringContaining("standard input is FILE")]);
    });
  },
);

const read = (words: readonly string[]): unknown => {
  const given = readCommandLine({ options: OPTIONS, mostWords: 3 }, words);
  return given instanceof Given ? readParameters(given) : null;
};

it("plugin does not make a key under the name of the file that it is to write", () => {
  for (const out of ["./key", "folder/../key"]) {
    expect(() => read(["plugin", "key", out, "--generate"])).toThrow(/^KEY and OUT are one path/);
  }
  expect(read(["plugin", "./-", "-"])).toMatchObject({ out: "-" });
});

it("standard input is read for one thing, or for passphrases", () => {
  const both = /^standard input can be read once, and is both /;
  for (const words of [
    ["open", "-", "out", "--identity", "-"],
    ["open", "/dev/stdin", "out", "--identity", "-"],
    ["open", "file", "out", "--identity", "-", "--identity", "/dev/fd/0"],
    ["open", "-", "out", "--passphrase", "--passphrase-fd", "0"],
    ["seal", "-", "out", "--to-file", "-"],
    ["reseal", "file", "out", "--identity", "-", "--to-file", "-"],
    ["inspect", "-", "--json"],
  ]) {
    if (words[0] === "inspect") expect(read(words)).toMatchObject({ inputIs: "FILE" });
    else expect(() => read(words), words.join(" ")).toThrow(both);
  }
});

it("a recipient that is malformed is told by its place, as wrong usage", () => {
  const secrets = openSecrets({ memory: "heap" });
  const bench = { secrets, envelopes: openEnvelopes(secrets) };
  for (const text of ["age1", "ssh-ed25519 AAAA", "ssh-ed25519 !", "ssh-dss AAAA"]) {
    const find = () => recipientsOf(bench as never, { to: [text], toFiles: [] } as never);
    expect(find, text).toThrow(UsageError);
    expect(find, text).toThrow(/^--to: Cannot parse /);
  }
});

it.skipIf(MISSING !== null)(
  `${NOT_RUN}identity shows the private key on a terminal only with --to-terminal`,
  async () => {
    for (const status of SOAK ? [2, 0] : [2]) {
      const more = status === 0 ? ["--to-terminal"] : [];
      const pty = new Pty(lethe("node-24", "envelope", "identity", "-", ...more));
      try {
        expect((await pty.ended).code).toBe(status);
        expect(pty.text.includes("AGE-SECRET-KEY-1")).toBe(status === 0);
      } finally {
        await pty.close();
      }
    }
  },
);
