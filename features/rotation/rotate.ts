import { PLATFORM_CLOCK } from "../../core/clock.ts";
import { rotatingBy } from "./rotating.ts";
import type { Rotate } from "./rotating_secret.ts";

/**
 * Reads a secret from a source, and reads it again before it expires, when it changes, and when it is asked
 * to. It resolves after the first read, and rejects with what that failed by.
 *
 * It keeps no process alive. A rotating secret that is dropped without `close` ends when it is collected.
 *
 * @throws {TypeError | RangeError} for a wrong argument
 * @throws what the source threw at the first read
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { rotating } from "lethe/rotation";
 * import { makeRecord, type SecretSource } from "lethe/sources";
 *
 * const source: SecretSource = {
 *   name: "example",
 *   residue: [],
 *   read: async (_reference, { land }) => {
 *     const value = land(32, (page) => void crypto.getRandomValues(page));
 *     return makeRecord({ version: String(Date.now()), fields: [["value", value]] });
 *   },
 * };
 * const token = await rotating(openSecrets(), source, "token", { pollEvery: 60_000 });
 * token.use((record) => record.field().expose((bytes) => bytes.length)); // 32
 * token.close();
 * ```
 */
export const rotating: Rotate = rotatingBy(PLATFORM_CLOCK);
