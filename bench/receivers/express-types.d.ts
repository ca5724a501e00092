/** Express 5 has no types. These are the types that the bench uses. */
declare module 'express' {
  import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
  import type { Delivered } from './keep.ts';

  type Request = IncomingMessage & { readonly body: Delivered };
  type Response = ServerResponse & { readonly sendStatus: (status: number) => void };
  type App = {
    use(handler: RequestListener): void;
    post(
      path: string,
      handler: (request: Request, response: Response) => void | Promise<void>,
    ): void;
    listen(port: number, host: string, then: () => void): Server;
  };
  function express(): App;
  namespace express {
    function json(): RequestListener;
  }
  export = express;
}
