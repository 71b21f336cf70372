export { foreignFolder } from "./foreign_folder.ts";
export { type OptionalModule, optionalLoader } from "./load_optional.ts";
export { binaryFailure, commonFailure } from "./native_failure.ts";
export { findPackage } from "./places.ts";
