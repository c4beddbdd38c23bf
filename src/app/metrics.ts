import { createServer, type Server } from 'node:http';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { registerChannelMetrics, type ServedChannels } from './channels/server-metrics.ts';
import type { ConsoleView } from '../http/routes/services.ts';

export interface Metrics {
  readonly answered: (answer: { method: string; route: string; status: number; seconds: number }) => void;
  /** Serves /metrics and nothing else, in plain HTTP: meant for loopback. */
  readonly server: Server;
}

/** What Prometheus is told; names follow its conventions. */
export function createMetrics(console: ConsoleView, channels: ServedChannels): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const requests = new Counter({
    name: 'certgate_http_requests_total',
    help: 'Requests answered',
    labelNames: ['method', 'route', 'status'],
    registers,
  });
  const duration = new Histogram({
    name: 'certgate_http_request_duration_seconds',
    help: 'Time from a request to its answer',
    labelNames: ['method', 'route'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });
  const notAfter = new Gauge({
    name: 'certgate_console_certificate_not_after_seconds',
    help: "When the console's own certificate expires, seconds since 1970",
    registers: [],
    collect() {
      this.set(console.presented().notAfter / 1000);
    },
  });
  registry.registerMetric(notAfter);
  registerChannelMetrics(registry, channels);
  return {
    answered({ method, route, status, seconds }) {
      requests.inc({ method, route, status });
      duration.observe({ method, route }, seconds);
    },
    server: createServer((request, response) => {
      if (request.method !== 'GET' || request.url !== '/metrics') {
        response.writeHead(404).end();
        return;
      }
      registry.metrics().then(
        (text) => response.writeHead(200, { 'Content-Type': registry.contentType }).end(text),
        () => response.writeHead(500).end(),
      );
    }),
  };
}
