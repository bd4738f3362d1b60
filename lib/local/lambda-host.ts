/** Serves a Lambda function on loopback the way an HTTP API does (payload format 2.0). */
import type { APIGatewayProxyEventV2, APIGatewayProxyResultV2 } from 'aws-lambda';
import type { Http, HttpRequest } from '../http.ts';

export type LambdaHandler = (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyResultV2>;

/** Routes are `METHOD /path`; anything else is 404. */
export function lambdaHost(
  routes: Readonly<Record<string, LambdaHandler>>,
  now: () => number,
): Http {
  return async (request) => {
    const path = new URL(request.url).pathname;
    const handler = routes[`${request.method} ${path}`];
    if (handler === undefined) return { status: 404, headers: {}, body: '' };
    const result = await handler(eventOf(request, path, now()));
    if (typeof result === 'string') return { status: 200, headers: {}, body: result };
    return {
      status: result.statusCode ?? 200,
      headers: Object.fromEntries(
        Object.entries(result.headers ?? {}).map(([name, value]) => [
          name.toLowerCase(),
          String(value),
        ]),
      ),
      body: result.body ?? '',
    };
  };
}

function eventOf(request: HttpRequest, path: string, nowMs: number): APIGatewayProxyEventV2 {
  return {
    version: '2.0',
    routeKey: `${request.method} ${path}`,
    rawPath: path,
    rawQueryString: new URL(request.url).search.slice(1),
    headers: { ...request.headers },
    isBase64Encoded: false,
    ...(request.body === undefined ? {} : { body: request.body }),
    requestContext: {
      accountId: 'local',
      apiId: 'local',
      domainName: '127.0.0.1',
      domainPrefix: 'local',
      requestId: 'local',
      routeKey: `${request.method} ${path}`,
      stage: '$default',
      time: new Date(nowMs).toISOString(),
      timeEpoch: nowMs,
      http: {
        method: request.method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: request.headers['user-agent'] ?? '',
      },
    },
  };
}
