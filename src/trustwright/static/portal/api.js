/* The server, as the page sees it. The token comes from the fragment of the address, which browsers send to nobody. */

export const token = location.hash.slice(1);

/* An answer of the server; status 0 when there was none. */
export async function call(method, path, body, keepalive = false) {
  const headers = { "X-Questionnaire-Token": token };
  const form = body instanceof FormData;
  if (body && !form) headers["Content-Type"] = "application/json";
  try {
    const response = await fetch(`/q/api/${path}`, {
      method,
      headers,
      body: form || !body ? body : JSON.stringify(body),
      cache: "no-store",
      credentials: "omit",
      // Browsers refuse to carry on with more than this after the page is gone.
      keepalive: keepalive && !form && JSON.stringify(body).length < 60_000,
    });
    const text = await response.text();
    return {
      status: response.status,
      body: text ? JSON.parse(text) : {},
      retryAfter: Number(response.headers.get("Retry-After")) || 0,
    };
  } catch (error) {
    console.warn(error);
    return { status: 0, body: {}, retryAfter: 0 };
  }
}
