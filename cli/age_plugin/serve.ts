/** Speaks with age on standard input and output, until it is done. */
import { servePlugin } from "../../features/age_plugins/serve.ts";
import { openEnvelopes } from "../../features/envelopes/mod.ts";
import { UsageError } from "../command_line/usage_error.ts";
import { entryHere } from "../entry_here.ts";
import { details, failureOf } from "../failure.ts";
import { complain } from "../output.ts";
import { keyHolder } from "./key_holder.ts";
import { streamsHere } from "./streams_here.ts";

process.on("uncaughtException", (error) => process.exit(fail(error)));
process.exitCode = await main(process.argv.slice(2));

async function main([flag = "", ...more]: readonly string[]): Promise<number> {
  try {
    if (more.length > 0) throw new UsageError("--age-plugin takes nothing beside it");
    const { openSecrets, openKeyFiles, promptSecret } = await entryHere();
    const secrets = openSecrets();
    try {
      const keys = openKeyFiles(secrets, { onMisuse: "throw" });
      await servePlugin(flag.replace("--age-plugin=", ""), {
        secrets,
        envelopes: openEnvelopes(secrets),
        streams: await streamsHere(),
        holder: keyHolder({ keys, secrets, promptSecret }),
      });
      return 0;
    } finally {
      secrets[Symbol.dispose]();
    }
  } catch (error) {
    return fail(error);
  }
}

function fail(error: unknown): number {
  const { status, message } = failureOf(error, { statusOf: () => 1 });
  complain(details(error));
  if (message !== null) complain(`age-plugin-lethe: ${message}\n`);
  return status;
}
