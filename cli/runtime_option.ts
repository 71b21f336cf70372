import type { Option } from "./command_line/command.ts";

/** The option of every command that examines runtimes. */
export const RUNTIME: Option = {
  kind: "list",
  value: "FILE",
  about:
    "also examine this Node.js, Deno or Bun, wherever it is: it is started, and must be one that you trust; several are several --runtime",
  values: "file",
};
