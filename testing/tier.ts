import process from "node:process";

/**
 * True in `npm run soak`, which runs every runtime at full length; `npm test` runs a representative of each
 * kind. The one place that decides it.
 */
export const SOAK: boolean = process.env["LETHE_SOAK"] !== undefined;

/** True in `npm run test:unit`, where a test that starts a process or a thread fails. */
export const UNIT: boolean = process.env["LETHE_UNIT"] !== undefined;
