import { serveTarget } from "../../conformance/target/serve_target.ts";
import { STALE_PAGES } from "./stale_pages.ts";

await serveTarget(STALE_PAGES);
