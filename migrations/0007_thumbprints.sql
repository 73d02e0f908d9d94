-- Whoever connects as a machine is found by its certificate, without reading every machine.

CREATE INDEX document_thumbprint ON document (json_extract(body, '$.Endpoint.Thumbprint') COLLATE NOCASE)
    WHERE kind IN ('Workers', 'Machines');
CREATE INDEX document_next_thumbprint ON document (json_extract(body, '$.Endpoint.NextThumbprint') COLLATE NOCASE)
    WHERE kind IN ('Workers', 'Machines');
