/** The trial of a library's author, in a worker. */
import { openSecrets } from "../../../adapters/workerd/mod.ts";
import { cookieTrial } from "../../core/standard/cookie_trial.ts";

const { console } = globalThis;

// biome-ignore lint/style/noDefaultExport: the shape of a worker.
export default {
  async test(): Promise<void> {
    console.log(`TRIAL ${JSON.stringify(await cookieTrial(openSecrets))}`);
  },
};
