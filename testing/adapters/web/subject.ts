import { type OpenSecrets, openSecrets, runtime } from "../../../adapters/web/mod.ts";
import type { SecretMemory } from "../../../core/mod.ts";

/** Heap memory as the web adapter offers it. */
export const subject: {
  readonly name: string;
  readonly openSecrets: OpenSecrets;
  memory(): SecretMemory;
} = {
  name: "web heap",
  openSecrets,
  memory() {
    const [offer] = runtime.memories;
    if (offer === undefined) throw new Error("The web adapter offers no memory");
    return offer.open();
  },
};
