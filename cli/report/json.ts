import { residueRows } from "../residue/render.ts";
import { type Findings, failuresOf } from "./gather.ts";

/** The report for programs. Addresses are left out, and there never were bytes. */
export function toJson(findings: Findings): string {
  const { residue, ...rest } = findings;
  const document = { ...rest, failures: failuresOf(findings), residue: residueRows(residue) };
  return `${JSON.stringify(document, null, 1)}\n`;
}
