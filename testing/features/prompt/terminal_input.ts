/** What terminals send, made from the grammar, and what must become of it in the line. */
import fc from "fast-check";
import { type Edited, Editor } from "../../../features/prompt/editor.ts";
import { Line } from "../../../features/prompt/line.ts";
import { openSecrets } from "../../../memories/heap/mod.ts";

/** Bytes, and the text that they are; a control function is none. */
export interface Input {
  readonly bytes: readonly number[];
  readonly text: string;
}

const secrets = openSecrets({ memory: "heap" });

/** A line that is typed by hand, as the prompt reads it. */
export class TypedLine {
  readonly #line = new Line(secrets, 4096);
  readonly editor: Editor = new Editor(this.#line);
  /** What was not an ordinary edit, in order. */
  readonly events: Edited[] = [];

  feed(...bytes: readonly number[]): void {
    this.#line.open((room) => {
      for (const byte of bytes) {
        room[this.#line.end] = byte;
        const edited = this.editor.feed(room);
        if (edited !== "edited") this.events.push(edited);
      }
    });
  }

  pass(...bytes: readonly number[]): void {
    this.#line.open((room) => {
      for (const byte of bytes) {
        room[this.#line.end] = byte;
        this.editor.pass(room);
      }
    });
  }

  waited(milliseconds: number): void {
    const edited = this.editor.waited(milliseconds);
    if (edited !== "edited") this.events.push(edited);
  }

  /** Ends it. An empty or malformed line is told by its code. */
  text(): string {
    try {
      const secret = this.#line.finish();
      const text = secret.expose((bytes) => new TextDecoder().decode(bytes.slice()));
      secret.destroy();
      return text;
    } catch (error) {
      return `(${(error as { code?: string }).code ?? error})`;
    }
  }
}

export const bytesOf = (text: string): readonly number[] => [...new TextEncoder().encode(text)];

const range = (first: number, last: number): fc.Arbitrary<number> =>
  fc.integer({ min: first, max: last });
const some = (
  first: number,
  last: number,
  maxLength: number = 6,
  minLength: number = 0,
): fc.Arbitrary<number[]> => fc.array(range(first, last), { minLength, maxLength });

/** An introducer in 7 bits, ESC and a letter, or in 8, which UTF-8 makes two bytes of. */
const introducer = (letter: string): fc.Arbitrary<readonly number[]> => {
  const code = letter.charCodeAt(0);
  return fc.constantFrom([0x1b, code], [0xc2, code + 0x40]);
};
const joined = (
  ...parts: readonly fc.Arbitrary<number | readonly number[]>[]
): fc.Arbitrary<readonly number[]> => fc.tuple(...parts).map((got) => got.flat());

const letters = fc.constantFrom(..."aZ09 ~!\u00a9\u00e9\u00df\u0416\u6f22\u{1F600}");

/** A control sequence that no key with a meaning sends. */
const csi = joined(
  introducer("["),
  fc
    .tuple(some(0x30, 0x3f, 12), some(0x20, 0x2f, 2), range(0x40, 0x7e))
    .filter(([parameters, intermediates, final]) => {
      const isPlain = intermediates.length === 0 && !parameters.some((byte) => byte > 0x3b);
      if (isPlain && (final === 0x75 || final === 0x7e)) return false; // u and ~ may be text
      return parameters.length + intermediates.length > 0 || !"M[tT".includes(chr(final));
    })
    .map((parts) => parts.flat()),
);
const ss2 = joined(introducer("N"), range(0x20, 0x7e));
const ss3 = joined(
  introducer("O"),
  some(0x30, 0x3f, 3),
  range(0x40, 0x69).filter((final) => chr(final) !== "M"),
);
const payload = fc
  .array(fc.oneof(range(0x08, 0x09), range(0x20, 0x7e), letters.map(bytesOf)), { maxLength: 40 })
  .map((parts) => parts.flat());
const terminator = fc.constantFrom([0x1b, 0x5c], [0xc2, 0x9c], [0x07]);
const strings = joined(
  fc.constantFrom(..."]P_^X").chain((letter) => introducer(letter)),
  payload,
  terminator,
);
/** SOS takes every byte but its end; those that a user must be able to press are left out. */
const sos = joined(
  introducer("X"),
  fc
    .uint8Array({ maxLength: 30 })
    .map((bytes) => [...bytes].filter((byte) => ![3, 7, 10, 13, 24, 26, 27, 28].includes(byte)))
    .filter((bytes) => !bytes.includes(0xc2)),
  terminator,
);
const report = (letter: string, length: number): fc.Arbitrary<readonly number[]> =>
  joined(introducer("["), fc.constant(letter.charCodeAt(0)), some(0x20, 0x7f, length, length));
const wideReport = joined(
  introducer("["),
  fc.constant(bytesOf("M ")),
  fc
    .tuple(range(0x80, 0x7ff), range(0x80, 0x7ff))
    .map((at) => bytesOf(String.fromCodePoint(...at))),
);
const console = joined(fc.constant(bytesOf("\x1b[[")), range(0x41, 0x45));
const nF = joined(fc.constant(0x1b), some(0x20, 0x2f, 3, 1), range(0x30, 0x7e));
const alt = joined(
  fc.constant(0x1b),
  range(0x30, 0x7e).filter((byte) => !"NOPX[]^_".includes(chr(byte))),
);
const altLetter = joined(
  fc.constant(0x1b),
  fc.constantFrom("\u00e9", "\u0416", "\u6f22", "\u{1F600}").map(bytesOf),
);
const c1 = joined(
  fc.constant(0xc2),
  range(0x80, 0x9f).filter(
    (byte) => ![0x8e, 0x8f, 0x90, 0x98, 0x9b, 0x9d, 0x9e, 0x9f].includes(byte),
  ),
);
const released = fc
  .tuple(range(32, 60_000), range(1, 256), fc.constantFrom("u", "~", "A", "H"))
  .map(([code, modifiers, final]) => bytesOf(`\x1b[${code};${modifiers}:3${final}`));
const named = fc
  .constantFrom(
    ...["\x1b[A", "\x1b[1;5C", "\x1bOP", "\x1b[3~", "\x1b[I", "\x1b[O", "\x1b[200~", "\x1b[201~"],
    ...["\x1b[<0;12;7M", "\x1b[<0;12;7m", "\x1b[32;1;2M", "\x1b[?62;22c", "\x1b[24;80R", "\x1b[0n"],
    ...["\x1b]11;rgb:11/22/33\x1b\\", "\x1bP1$r0m\x1b\\", "\x1b_Gi=1;OK\x1b\\", "\x1b[?1u"],
  )
  .map(bytesOf);

/** Everything that a terminal sends and that is not text. */
export const controlFunctions: readonly fc.Arbitrary<readonly number[]>[] = [
  ...[csi, ss2, ss3, strings, sos, report("M", 3), report("t", 2), report("T", 6), wideReport],
  ...[console, nF, alt, altLetter, c1, released, named],
];

const typed: fc.Arbitrary<Input> = letters.map((text) => ({ bytes: bytesOf(text), text }));
const swallowed: fc.Arbitrary<Input> = fc
  .oneof(...controlFunctions)
  .map((bytes) => ({ bytes, text: "" }));

/** Keys that a terminal sends as sequences although they are text. */
const encoded: fc.Arbitrary<Input> = letters.chain((text) => {
  const point = text.codePointAt(0) ?? 0;
  const isLetter = /[a-zA-Z]/.test(text);
  return fc
    .constantFrom<readonly [keys: string, text: string]>(
      [`\x1b[${point}u`, text],
      [`\x1b[${point};1:2u`, text],
      [`\x1b[${point};129u`, text],
      [`\x1b[97;;${point}u`, text],
      [`\x1b[27;2;${point}~`, text],
      [`\x1b[49:${point};2u`, text],
      [`\x1b[${point};2u`, isLetter ? text.toUpperCase() : ""],
    )
    .filter(([keys, { length }]) => length > 0 || keys !== "\x1b[32;2u")
    .map(([keys, expected]) => ({ bytes: bytesOf(keys), text: expected }));
});

/** Text and control functions in any order. */
export const inputs: fc.Arbitrary<readonly Input[]> = fc.array(
  fc.oneof(typed, typed, swallowed, encoded),
  { maxLength: 12 },
);

function chr(code: number): string {
  return String.fromCharCode(code);
}
