using TokenServer.Sample.Gateway;

await GatewayHost.Build(args).RunAsync();
