import process from "node:process";
import { expect, it } from "vitest";
import { openCustodian } from "../../../adapters/node/mod.ts";
import { findSystemProgram } from "../../../system/system_program.ts";

const isThere = (name: string): boolean => findSystemProgram(name).path !== null;
const missing =
  process.platform !== "linux"
    ? "Linux"
    : isThere("setpriv") && isThere("prlimit")
      ? null
      : "prlimit(1) and setpriv(1)";

it.skipIf(missing !== null)(
  `${missing === null ? "" : `NOT RUN, it takes ${missing}: `}a custodian says what its start has done`,
  async () => {
    const custodian = await openCustodian();
    const { hardening } = custodian.report;
    await custodian.close();
    const outcomes = Object.entries(hardening).map(([name, { outcome }]) => [name, outcome]);
    expect(Object.fromEntries(outcomes)).toMatchObject({
      "core-limit": "done",
      "no-new-privileges": "done",
      "dies-with-parent": "done",
      permissions: "done",
    });
    expect(hardening.permissions).toMatchObject({ verified: true });
  },
);
