import { tmpdir } from "node:os";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { readCommandLine } from "../command_line/read_command_line.ts";
import { agent } from "./command.ts";
import { readParameters } from "./parameters.ts";

describe.skipIf(process.platform === "win32")("the options of lethe agent", () => {
  it.each([
    ["a program that is not there", "/no/such/askpass"],
    ["a folder", tmpdir()],
    ["a file that is no program", "package.json"],
  ])("refuse %s to ask by, before a key is read", async (_name, path) => {
    const given = readCommandLine(agent, ["--key", "id", "--askpass", path, "--", "true"]);
    if (typeof given === "string" || "help" in given) throw new Error("it was read otherwise");
    await expect(async () => await agent.run(given)).rejects.toThrow(
      /^--askpass names ".*", which cannot be started \(E\w+\)$/,
    );
  });

  it("give standard input to one reader", async () => {
    for (const more of [
      ["--key", "-"],
      ["--passphrase-fd", "0"],
    ]) {
      const given = readCommandLine(agent, ["--key", "-", ...more, "--", "true"]);
      if (typeof given === "string" || "help" in given) throw new Error("it was read otherwise");
      await expect(async () => await agent.run(given)).rejects.toThrow(
        /^standard input can be read once, and is both --key and --(?:key|passphrase-fd);/,
      );
    }
  });

  it("name the files of keys as they are given: behind a link, .. is another folder", () => {
    const given = readCommandLine(agent, ["--key", "link/../id"]);
    if (typeof given === "string" || "help" in given) throw new Error("it was read otherwise");
    expect(readParameters(given).keys).toEqual(["link/../id"]);
  });
});
