import { afterEach, describe, expect, it } from "vitest";
import {
  INSTALLED,
  MISSING,
  NOT_RUN,
  Pty,
  ROOT,
  RUNTIMES,
  SOAK,
  WITHOUT_FFI,
} from "../../testing/features/prompt/pty.ts";

/** A program reads the terminal, and then asks: what is typed is for the prompt alone, or nobody asks. */
const PROGRAM = `${ROOT}testing/features/prompt/ask_beside.ts`;
const COMMANDS = { ...RUNTIMES, ...WITHOUT_FFI };
const CHOSEN = SOAK ? [...INSTALLED, ...Object.keys(WITHOUT_FFI)] : ["node-24"];
const HEX = Buffer.from("sesame").toString("hex");

/** Readers that hear again afterwards, and those that are only left as they were. */
const HEARING = ["line", "data", "raw", "pipe"];
const SILENT = ["question", "paused", "closed", "leaves"];
const STREAMS = ["readable", "iterator", "another"];
const WAITING = ["fs.read"];

interface Case {
  readonly name: string;
  readonly mode: string;
  readonly isHeld: boolean;
}

const CASES: readonly Case[] = CHOSEN.flatMap((name) => {
  const isBun = name === "bun";
  const own = isBun
    ? ["console", "Bun.stdin"]
    : name.startsWith("deno")
      ? ["Deno.stdin.read", "Deno.stdin.readable"]
      : [];
  // Without the permission to write Deno opens /dev/tty for nobody.
  const opens = (mode: string): boolean =>
    name !== "deno without FFI" || (mode !== "another" && mode !== "fs.read");
  const held = [...HEARING, ...SILENT, ...(isBun ? [] : STREAMS)].filter(opens);
  const refused = [...WAITING, ...own, ...(isBun ? STREAMS : [])].filter(opens);
  return [
    ...held.map((mode) => ({ name, mode, isHeld: true })),
    ...refused.map((mode) => ({ name, mode, isHeld: false })),
  ];
});

let pty: Pty | undefined;
afterEach(() => pty?.close());

async function asked({ name, mode }: Case, when: string, who: string): Promise<Pty> {
  const at = new Pty([...(COMMANDS[name] ?? []), PROGRAM, mode, when, who]);
  pty = at;
  await at.saw(/ready/);
  await at.saw(/password: |rejected/);
  return at;
}

async function typeSlowly(at: Pty, text: string): Promise<void> {
  for (const key of text) {
    at.type(key);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

/** Types the secret at a prompt beside a reader that is held. */
async function arrives(at: Pty, mode: string): Promise<void> {
  await typeSlowly(at, "sesame\r");
  await at.saw(new RegExp(`got ${HEX}`));
  await at.saw(/over/);
  expect(at.text).not.toMatch(/sesame|heard/);
  if (!HEARING.includes(mode)) return;
  const from = at.text.length;
  at.type("after\r");
  await at.saw(mode === "pipe" ? /after[\s\S]*after/ : /heard "after/, from);
}

describe.skipIf(MISSING !== null)(`${NOT_RUN}a prompt and another reader`, () => {
  const ONE = CASES.filter(({ mode }) => SOAK || mode === "line");

  it.each(ONE)("$mode of $name, which began before it", async (one) => {
    const at = await asked(one, "before", "here");
    if (one.isHeld) await arrives(at, one.mode);
    else await at.saw(/rejected ERR_LETHE_PROMPT_BUSY/);
  });

  it.skipIf(!SOAK).each(CASES)("$mode of $name, which begins during it", async (one) => {
    const at = await asked(one, "during", "here");
    if (!one.isHeld) await at.saw(/rejected ERR_LETHE_PROMPT_BUSY/);
    else {
      await at.saw(/begun/);
      await new Promise((resolve) => setTimeout(resolve, 60));
      await arrives(at, one.mode);
    }
  });

  const ASKING = CASES.filter(
    ({ name, mode }) => !name.includes("without") && ["line", "data", "fs.read"].includes(mode),
  );
  it.skipIf(!SOAK).each(ASKING)("$mode of $name and a custodian's prompt", async (one) => {
    for (const when of ["before", "during"]) {
      const at = await asked(one, when, "custodian");
      if (!one.isHeld) await at.saw(/rejected ERR_LETHE_PROMPT_BUSY/);
      else {
        if (when === "during") await at.saw(/begun/);
        await new Promise((resolve) => setTimeout(resolve, 60));
        await arrives(at, one.mode);
      }
      await at.close();
    }
  });
});
