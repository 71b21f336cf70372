import { describe, expect, it } from "vitest";
import { readParameters } from "./parameters.ts";

describe("the parameters of lethe key", () => {
  it("are an action, a path and its options", () => {
    expect(readParameters(["create", "k", "--type", "x25519", "--seal", "--json"])).toMatchObject({
      action: "create",
      path: "k",
      shape: "x25519",
      seal: true,
      json: true,
      cost: undefined,
    });
    expect(
      readParameters(["rekey", "k", "--passphrase-fd", "3", "--passes", "2", "--memory", "64"]),
    ).toMatchObject({ passphrase: 3, cost: { passes: 2, memoryBytes: 64 * 2 ** 20 } });
    expect(readParameters(["create", "k"])).toMatchObject({ shape: null, passphrase: undefined });
    expect(readParameters(["--help"])).toBeNull();
  });

  it.each([
    [["create", "k", "--type", "rsa"], "ed25519 or x25519"],
    [["create", "k", "--bytes", "1e3"], "whole number"],
    [["create", "k", "--bytes", "32", "--type", "x25519"], "only one of"],
    [["create", "k", "--passes", "3"], "together"],
    [["create", "k", "--passphrase-fd", "-1"], "passphrase-fd"],
    [["remove", "k", "--bytes", "3"], "takes no --bytes"],
    [["create"], "one PATH"],
    [["create", "k", "l"], "one PATH"],
    [["frobnicate", "k"], "no action"],
    [["toString", "k"], "no action"],
    [[], "no action"],
    [["create", "k", "--passphrase", "x"], "--passphrase"],
  ])("%j are wrong usage", (parameters, said) => {
    expect(() => readParameters(parameters)).toThrow(TypeError);
    expect(() => readParameters(parameters)).toThrow(said);
  });
});
