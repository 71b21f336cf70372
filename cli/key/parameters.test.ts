import { describe, expect, it } from "vitest";
import { Given } from "../command_line/given.ts";
import { readCommandLine } from "../command_line/read_command_line.ts";
import { UsageError } from "../command_line/usage_error.ts";
import { type Parameters, readParameters } from "./parameters.ts";
import { OPTIONS } from "./table.ts";

function read(parameters: readonly string[]): Parameters {
  const given = readCommandLine({ options: OPTIONS, mostWords: 2 }, parameters);
  if (given instanceof Given) return readParameters(given);
  throw new Error("not parameters");
}

describe("the parameters of lethe key", () => {
  it("are an action, a path and its options", () => {
    expect(read(["create", "k", "--type", "x25519", "--seal", "--json"])).toMatchObject({
      action: "create",
      path: "k",
      shape: "x25519",
      seal: true,
      json: true,
      cost: undefined,
    });
    expect(
      read(["change-passphrase", "k", "--passphrase-fd", "3", "--passes", "2", "--memory", "64"]),
    ).toMatchObject({ passphrase: 3, cost: { passes: 2, memoryBytes: 64 * 2 ** 20 } });
    expect(read(["create", "k"])).toMatchObject({ shape: null, passphrase: undefined });
  });

  it.each([
    [["create", "k", "--type", "rsa"], "ed25519 or x25519"],
    [["create", "k", "--bytes", "1e3"], "whole number"],
    [["create", "k", "--bytes", "32", "--type", "x25519"], "only one of"],
    [["create", "k", "--passes", "3"], "together"],
    [["create", "k", "--passphrase-fd=-1"], "passphrase-fd"],
    [["remove", "k", "--bytes", "3"], "takes no --bytes"],
    [["create"], "one PATH"],
    [["create", "k", "l"], "a word too many"],
    [["create", "k", "--bytes", "0"], "from 1 to 65536"],
    [["frobnicate", "k"], "no action"],
    [["toString", "k"], "no action"],
    [[], "an action is needed"],
    [["create", "k", "--passphrase", "x"], "--passphrase"],
  ])("%j are wrong usage", (parameters, said) => {
    expect(() => read(parameters)).toThrow(UsageError);
    expect(() => read(parameters)).toThrow(said);
  });
});
