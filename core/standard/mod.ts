/**
 * The standard for libraries that take secrets: types to copy, and a check for the objects that follow them.
 * It imports nothing of Lethe. See docs/standard.md.
 *
 * @module
 */
export { checkLender, type LenderFault } from "./check_lender.ts";
export type { SecretInput, StandardSecretV1, StandardSecretV1Lending } from "./standard.ts";
