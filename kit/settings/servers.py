"""The servers a deployment runs on, and its keys and folders."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, SecretStr


class ServersSettings(BaseModel):
    """A part of `Settings`, which reads the variables."""

    environment: Literal["development", "production"] = Field(
        default="development", description="Development shows GraphiQL and makes missing keys by itself."
    )
    data_dir: Path = Field(default=Path(".gridhall"), description="Folder of the embedded servers and made keys.")
    time_zone: str = Field(default="Asia/Shanghai", description="Zone of local days where a point names none.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="Least level logged.")

    mongo_uri: str | None = Field(default=None, description="MongoDB replica set; the embedded one where absent.")
    mongo_database: str = Field(default="gridhall", description="Name of the database.")
    mongo_driver: Literal["pymongo", "motor"] = Field(
        default="pymongo", description="Async driver on the request path; ADR 0002 says why PyMongo."
    )
    redis_uri: str | None = Field(default=None, description="Redis or Valkey; the embedded one where absent.")

    field_key: SecretStr | None = Field(
        default=None, description="32 bytes in base64 that encrypt personal fields; made at first start in development."
    )
