import process from "node:process";
import { describe, expect, it } from "vitest";
import { nodeWay } from "./custodian_way.ts";

/** The words behind the helpers that Node without FFI is started with. */
function words(version: string, secureHeapBytes = 32_768): readonly string[] {
  const place = { file: "/usr/bin/node", program: "/opt/main.js", version, environment: {} };
  const { file, parameters } = nodeWay.command(place, secureHeapBytes);
  const all = [file, ...parameters];
  return all.slice(all.indexOf("/usr/bin/node"));
}

describe("the command of a custodian on Node.js", () => {
  it.each([
    ["22.0.0", "--experimental-permission"],
    ["22.12.0", "--experimental-permission"],
    ["22.13.0", "--permission"],
    ["23.0.0", "--experimental-permission"],
    ["23.4.0", "--experimental-permission"],
    ["23.5.0", "--permission"],
    ["24.0.0", "--permission"],
    ["26.10.0", "--permission"],
    ["30.0.0", "--permission"],
  ])("%s has its permission model by %s", (version, flag) => {
    expect(words(version).filter((word) => word.includes("permission"))).toEqual([flag]);
  });

  it("asks for FFI where there is one, and then for no helper", () => {
    expect(words("26.0.0")).not.toContain("--allow-ffi");
    expect(words("26.1.0")).toContain("--allow-ffi");
    const place = { file: "/node", program: "/main.js", version: "26.1.0", environment: {} };
    expect(nodeWay.command(place, 0).file).toBe("/node");
  });

  it("has no flag that this Node.js does not know", () => {
    const known = process.allowedNodeEnvironmentFlags;
    const flags = words(process.versions.node).filter((word) => word.startsWith("--"));
    expect(flags.length).toBeGreaterThan(8);
    expect(flags.filter((flag) => !known.has(flag.split("=")[0] ?? ""))).toEqual([]);
    expect(words("24.0.0", 0).join(" ")).not.toContain("secure-heap");
  });

  it.each([
    ["v24.21.0", "24.21.0"],
    ["v25.0.0-nightly2025", "25.0.0-nightly2025"],
    ["24.21.0", null],
    ["deno 2.9.5 (stable)", null],
    ["Python 3.12", null],
  ])("takes %j for the version %j", (text, version) => {
    expect(nodeWay.versionIn(text)).toBe(version);
  });
});
