// Shows the contract of this server. Calls from the page go to the address that the page came from.
fetch("/openapi.json")
  .then((response) => response.json())
  .then((contract) => {
    contract.servers = [{ url: window.location.origin }];
    window.ui = SwaggerUIBundle({
      spec: contract,
      dom_id: "#reference",
      deepLinking: true,
      docExpansion: "list",
      defaultModelsExpandDepth: 0,
      filter: true,
      tryItOutEnabled: false,
      persistAuthorization: false,
      validatorUrl: null,
    });
  });
