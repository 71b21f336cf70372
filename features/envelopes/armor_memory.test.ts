import { execFileSync } from "node:child_process";
import process from "node:process";
import { expect, it } from "vitest";

// In a file of its own: it starts a process with the sources as they are.

const [BEGIN, END] = ["BEGIN", "END"].map((word) => `-----${word} AGE ENCRYPTED FILE-----`);

it("text of many lines takes no memory for each: neither hostile text nor a large file ends a small process", () => {
  const program = `
    import { armor, unarmor } from ${JSON.stringify(import.meta.resolve("./armor.ts"))};
    const [begin, end] = ["${BEGIN}\\n", "${END}\\n"].map((mark) => Buffer.from(mark));
    for (const line of ["\\n", "\\r\\n", "A\\n"]) {
      const text = Buffer.concat([begin, Buffer.alloc(8 << 20, line), end]);
      try { unarmor(new Uint8Array(text)); } catch (error) { console.log(error.code); }
    }
    const bytes = new Uint8Array(8 << 20).fill(7);
    console.log(Buffer.compare(unarmor(armor(bytes)), bytes));`;
  const words = ["--max-old-space-size=24", "--no-warnings", "--input-type=module", "-e", program];
  const said = execFileSync(process.execPath, words, { stdio: ["ignore", "pipe", "ignore"] });
  expect(said.toString()).toBe(`${"ERR_LETHE_ENVELOPE_FORMAT\n".repeat(3)}0\n`);
});
