// The system functions that the engine (`../engine/src/system.rs`) hands to the bundle, under one name.
// Only modules of this bundle may import it: scripts reach the system through `fs`, `fetch` and the like.

export const system = __system;
