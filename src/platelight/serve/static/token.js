/** The access token, where the server asks for one. It lives in this tab's sessionStorage and nowhere else. */

import { by } from "./dom.js";

const KEY = "platelight-token";
let asking = null;

/** The token in use, or null. */
export const token = () => sessionStorage.getItem(KEY);

/** Let the person paste a token; gives false if they would rather not. Photos that wait together ask once. */
export function askToken(refused) {
  asking ??= asked(refused).finally(() => (asking = null));
  return asking;
}

function asked(refused) {
  const dialog = by("token");
  const value = by("token-value");
  if (refused) by("token-why").textContent = "The server did not accept this token. Paste another one.";
  value.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    by("token-cancel").onclick = () => dialog.close();
    by("token-form").onsubmit = () => sessionStorage.setItem(KEY, value.value.trim());
    dialog.onclose = () => resolve(Boolean(value.value.trim()) && token() === value.value.trim());
  });
}
