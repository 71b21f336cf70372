import { readOptions } from "../../../core/arguments/options.ts";
import type { Argon2Cost } from "../../../core/mod.ts";
import { readCost } from "../../crypto/argon2_cost.ts";
import type { VerifyPasswordOptions } from "../../crypto/options.ts";
import {
  checkStoredCost,
  formatPasswordHash,
  MOST_VERIFY_COST as MOST_COST,
  parsePasswordHash,
} from "../../crypto/password_hash.ts";
import { got, naming } from "./checks.ts";
import type { Requests } from "./requests.ts";

/** Makes the PHC string here, of what the custodian computes. */
export async function hashPassword(
  requests: Requests,
  name: string,
  cost: Argon2Cost,
): Promise<string> {
  const { passes, memoryBytes } = readCost(cost, "hash password", "cost", MOST_COST);
  const fields = { ...naming(name), passes, memoryBytes };
  const { salt, data } = await requests.ask("hashPassword", fields);
  return formatPasswordHash({ passes, memoryBytes, salt: got(salt), hash: got(data) });
}

/** Reads the PHC string here; the hash is compared in the custodian. */
export async function verifyPassword(
  requests: Requests,
  name: string,
  hash: string | Uint8Array,
  options: VerifyPasswordOptions | undefined,
): Promise<boolean> {
  const { mostCost } = readOptions(options, "verify password", ["mostCost"]);
  const most =
    mostCost === undefined
      ? MOST_COST
      : readCost(mostCost, "verify password", "mostCost", MOST_COST);
  const { passes, memoryBytes, salt, hash: data } = parsePasswordHash(hash);
  checkStoredCost({ passes, memoryBytes }, most);
  const fields = { ...naming(name), passes, memoryBytes, salt, data };
  return got((await requests.ask("verifyPassword", fields)).holds);
}
