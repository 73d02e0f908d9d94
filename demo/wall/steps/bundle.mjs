import { banner } from '/lib/banner.mjs';
const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode('seawall'));
const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
console.log(banner(process.env.STAGE), hex.slice(0, 16));
