import { checkInteger } from "../../../core/arguments/check_integer.ts";
import { readOptions } from "../../../core/arguments/options.ts";
import { parseJson } from "../../../core/arguments/own.ts";
import type { Fields } from "../protocol/fields.ts";
import { MOST_SECRETS } from "../protocol/limits.ts";
import type { CustodianStatus } from "../report.ts";
import type { StatusPage } from "../server/status.ts";
import type { SecretStatus } from "../vault/entry.ts";
import { got } from "./checks.ts";
import type { StatusOptions } from "./custodian_options.ts";
import type { Requests } from "./requests.ts";

/** Asks for a status page by page, as far as `most` goes. */
export async function readStatus(
  requests: Requests,
  options: StatusOptions | undefined,
): Promise<CustodianStatus> {
  const { most = 100 } = readOptions(options, "ask custodian", ["most"]);
  checkInteger(most, "ask custodian", "most", 0, MOST_SECRETS);
  const secrets: SecretStatus[] = [];
  for (let from: number | null = 0; ; ) {
    const fields: Fields = { from, most: most - secrets.length };
    const page = parseJson(got((await requests.ask("status", fields)).report)) as StatusPage;
    secrets.push(...page.secrets);
    from = page.next;
    if (from !== null && secrets.length < most) continue;
    const { count, unlocked, secureHeap } = page;
    return { count, secrets, unlocked, secureHeap };
  }
}
