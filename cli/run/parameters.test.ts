import { describe, expect, it } from "vitest";
import { Given } from "../command_line/given.ts";
import { readCommandLine } from "../command_line/read_command_line.ts";
import { run } from "./command.ts";
import { readParameters } from "./parameters.ts";

function read(words: readonly string[]): unknown {
  const given = readCommandLine(run, [...words, "--", "true"]);
  return given instanceof Given ? readParameters(given) : null;
}

describe("the options of lethe run", () => {
  it.each([
    [["--from", "a=fd:0", "--from", "b=-"], "standard input"],
    [["--from", "a=fd:5", "--from", "b=fd:5"], "descriptor 5"],
    [["--from", "a=fd:5", "--key", "key", "--passphrase-fd", "5"], "descriptor 5"],
  ])("give a descriptor to one reader: %j", (words, what) => {
    expect(() => read(words)).toThrow(`${what} can be read once, and two options are to read it`);
    expect(read(words.slice(0, 2))).toMatchObject({ wanted: [{}] });
  });
});
