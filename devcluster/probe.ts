import { get as httpGet } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import { connect } from 'node:net';

const TIMEOUT_MS = 2_000;

/**
 * Whether a URL answers 200 within two seconds. The certificate of an https server is not checked: these are our own
 * processes on this machine, and nothing is sent to them.
 */
export function answersOk(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { timeout: TIMEOUT_MS, agent: false };
    const onResponse = (response: IncomingMessage): void => {
      response.resume();
      resolve(response.statusCode === 200);
    };
    const request = url.startsWith('https:')
      ? httpsGet(url, { ...options, rejectUnauthorized: false }, onResponse)
      : httpGet(url, options, onResponse);
    request.once('timeout', () => request.destroy());
    request.once('error', () => {
      resolve(false);
    });
  });
}

/** Whether a server accepts TCP connections. */
export function accepts(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host, timeout: TIMEOUT_MS });
    const answer = (yes: boolean): void => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('connect', () => {
      answer(true);
    });
    socket.once('timeout', () => {
      answer(false);
    });
    socket.once('error', () => {
      answer(false);
    });
  });
}
