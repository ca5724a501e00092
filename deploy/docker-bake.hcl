# docker buildx bake --file deploy/docker-bake.hcl --push

variable "IMAGE" { default = "docspace-welcome" }
variable "VERSION" { default = "0.2.0" }
variable "REVISION" { default = "unknown" }
variable "SOURCE" { default = "unknown" }

group "default" { targets = ["image"] }

target "image" {
  context    = "."
  dockerfile = "deploy/Dockerfile"
  platforms  = ["linux/amd64", "linux/arm64"]
  tags       = ["${IMAGE}:${VERSION}", "${IMAGE}:latest"]
  args = {
    VERSION  = VERSION
    REVISION = REVISION
    SOURCE   = SOURCE
  }
  attest = ["type=provenance,mode=max", "type=sbom"]
}
